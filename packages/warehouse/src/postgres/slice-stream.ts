import { describeSlice } from '@traffic-events/slice';
import { MessageOrderError } from '../errors.ts';
import type { SliceDecision } from '../slice-decision.ts';
import { copyText } from './copy-text.ts';
import type { Fields } from './record-rows.ts';
import { rowOf } from './record-rows.ts';
import { RowBuffer } from './row-buffer.ts';
import { SliceLoad } from './slice-load.ts';
import type { SliceClosing, SliceTarget } from './slice-load.ts';
import type { PreparedTable } from './stream-tables.ts';
import type { WarehouseSession } from './warehouse-session.ts';

interface SliceTable {
  readonly table: PreparedTable;
  /** Places of the columns that name a slice and its execution. */
  readonly account: number;
  readonly eventDate: number;
  readonly execution: number;
}

interface OpenSlice {
  readonly load: SliceLoad;
  readonly buffer: RowBuffer;
  readonly stream: string;
  readonly fields: Fields;
}

/** Loads the rows of slice streams: one slice at a time, open from its first row to its STATE. */
export class SliceStreams {
  readonly #session: WarehouseSession;
  readonly #tables = new Map<string, SliceTable>();
  #open: OpenSlice | undefined;

  constructor(session: WarehouseSession) {
    this.#session = session;
  }

  describe(table: PreparedTable): void {
    const { stream, columns } = table.definition;
    const placeOf = (name: string) => columns.findIndex(({ property }) => property === name);
    this.#tables.set(stream, {
      table,
      account: placeOf('account_id'),
      eventDate: placeOf('event_date'),
      execution: placeOf('execution_id'),
    });
  }

  /** Adds a row; resolves once the server keeps up, at once when nothing has to be waited for. */
  add(stream: string, fields: Fields): Promise<void> | undefined {
    const open = this.#open;
    const described = this.#described(stream);
    if (open === undefined) return this.#openWith(described, fields);
    if (!isSameSlice(open, stream, fields, described)) {
      throw this.#mixed(open, stream, fields, described);
    }
    return open.buffer.add(rowOf(fields)) ? open.buffer.flush() : undefined;
  }

  /** Closes the slice that a STATE declares; one without rows was never opened. */
  async close(closing: SliceClosing): Promise<SliceDecision> {
    const { mark } = closing;
    const open = this.#open ?? (await this.#openEmpty(closing));
    this.#open = undefined;
    const { target } = open.load;
    const isOther =
      target.stream !== mark.stream ||
      target.accountId !== mark.account_id ||
      target.eventDate !== mark.event_date;
    if (isOther) {
      await open.load.abandon();
      throw new MessageOrderError(
        `A STATE closes slice ${mark.stream} ${mark.account_id} ${mark.event_date}, but the records before it are of ${describeSlice(target)}.`,
      );
    }
    await open.buffer.flush();
    return open.load.close(closing);
  }

  /** Drops a slice whose STATE never came. Answers what it was. */
  async abandon(): Promise<string | undefined> {
    const open = this.#open;
    this.#open = undefined;
    await open?.load.abandon();
    return open === undefined ? undefined : describeSlice(open.load.target);
  }

  async #openWith(described: SliceTable, fields: Fields): Promise<void> {
    const open = await this.#begin(described, fields, keyOf(fields, described));
    open.buffer.add(rowOf(fields));
  }

  async #openEmpty({ mark }: SliceClosing): Promise<OpenSlice> {
    return this.#begin(this.#described(mark.stream), [], {
      accountId: mark.account_id,
      eventDate: mark.event_date,
      executionId: mark.execution_id,
    });
  }

  async #begin(
    { table: { definition } }: SliceTable,
    fields: Fields,
    key: SliceNames,
  ): Promise<OpenSlice> {
    await this.#session.lease([key.accountId]);
    const load = await SliceLoad.begin(this.#session.sliceOptions, {
      stream: definition.stream,
      table: definition.table,
      columns: definition.columns.map(({ name }) => name),
      ...key,
    });
    this.#open = { load, buffer: new RowBuffer(load.copy), stream: definition.stream, fields };
    return this.#open;
  }

  #described(stream: string): SliceTable {
    const described = this.#tables.get(stream);
    if (described !== undefined) return described;
    throw new MessageOrderError(`A slice of stream ${stream} came before its SCHEMA.`);
  }

  #mixed(
    open: OpenSlice,
    stream: string,
    fields: Fields,
    described: SliceTable,
  ): MessageOrderError {
    const { accountId, eventDate, executionId } = keyOf(fields, described);
    const { target } = open.load;
    return new MessageOrderError(
      `A record of slice ${stream} ${accountId} ${eventDate} (execution ${executionId}) came before the STATE that closes ${describeSlice(target)} (execution ${target.executionId}). Slices come one after the other; see that nothing between tap and target reorders or drops messages.`,
    );
  }
}

type SliceNames = Pick<SliceTarget, 'accountId' | 'eventDate' | 'executionId'>;

function keyOf(fields: Fields, { account, eventDate, execution }: SliceTable): SliceNames {
  return {
    accountId: copyText(fields[account] ?? ''),
    eventDate: copyText(fields[eventDate] ?? ''),
    executionId: copyText(fields[execution] ?? ''),
  };
}

function isSameSlice(
  open: OpenSlice,
  stream: string,
  fields: Fields,
  { account, eventDate, execution }: SliceTable,
): boolean {
  return (
    open.stream === stream &&
    open.fields[execution] === fields[execution] &&
    open.fields[eventDate] === fields[eventDate] &&
    open.fields[account] === fields[account]
  );
}
