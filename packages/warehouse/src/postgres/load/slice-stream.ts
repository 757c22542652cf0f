import { describeSlice } from '@traffic-events/slice';
import { MessageOrderError } from '../../errors.ts';
import type { Fields } from '../../messages/record-fields.ts';
import type { SliceDecision } from '../../slices/slice-decision.ts';
import { copyText } from './copy-text.ts';
import { rowOf } from './record-rows.ts';
import { RowBuffer } from './row-buffer.ts';
import { SliceLoad } from './slice-load.ts';
import type { SliceClosing, SliceTarget } from './slice-load.ts';
import type { PreparedTable } from '../tables/stream-tables.ts';
import { SliceSpool } from './slice-spool.ts';
import type { WarehouseSession } from '../warehouse-session.ts';

interface SliceTable {
  readonly table: PreparedTable;
  /** Places of the columns that name a slice and its execution. */
  readonly account: number;
  readonly eventDate: number;
  readonly execution: number;
}

interface OpenSlice {
  readonly target: SliceTarget;
  readonly buffer: RowBuffer;
  /** Its rows so far, in case the connection breaks before they are committed. */
  readonly spool: SliceSpool;
  readonly stream: string;
  readonly fields: Fields;
}

/** Loads the rows of slice streams: one slice at a time, open from its first row to its STATE. */
export class SliceStreams {
  readonly #session: WarehouseSession;
  readonly #tables = new Map<string, SliceTable>();
  #open: OpenSlice | undefined;
  /** The transaction that the open slice goes into; none while there is no connection for it. */
  #load: SliceLoad | undefined;

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
    const { target } = open;
    const isOther =
      target.stream !== mark.stream ||
      target.accountId !== mark.account_id ||
      target.eventDate !== mark.event_date;
    if (isOther) {
      throw new MessageOrderError(
        `A STATE closes slice ${mark.stream} ${mark.account_id} ${mark.event_date}, but the records before it are of ${describeSlice(target)}.`,
      );
    }
    await open.buffer.flush();
    const decision = await this.#session.redo(async () => {
      const load = this.#load ?? (await this.#resume(open));
      this.#load = undefined;
      return load.close(closing);
    });
    this.#open = undefined;
    await open.spool.close();
    return decision;
  }

  /** Rolls the open slice back for now; it is begun again, from its spool, with its next rows. */
  async suspend(): Promise<void> {
    const load = this.#load;
    this.#load = undefined;
    await load?.abandon();
  }

  /** Drops a slice whose STATE never came. Answers what it was. */
  async abandon(): Promise<string | undefined> {
    const open = this.#open;
    this.#open = undefined;
    await this.suspend();
    await open?.spool.close();
    return open === undefined ? undefined : describeSlice(open.target);
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
    const open: OpenSlice = {
      stream: definition.stream,
      target: {
        stream: definition.stream,
        table: definition.table,
        columns: definition.columns.map(({ name }) => name),
        ...key,
      },
      fields,
      buffer: new RowBuffer((bytes) => this.#send(open, bytes)),
      spool: new SliceSpool(),
    };
    this.#open = open;
    await this.#session.redo(() => this.#resume(open));
    return open;
  }

  async #send(open: OpenSlice, bytes: Buffer): Promise<void> {
    await this.#session.redo(async () => {
      const load = this.#load ?? (await this.#resume(open));
      await this.#write(load, bytes);
    });
    await open.spool.add(bytes);
  }

  /** Begins the transaction of a slice, with the rows that have come before. */
  async #resume(open: OpenSlice): Promise<SliceLoad> {
    await this.#session.lease([open.target.accountId]);
    const load = await SliceLoad.begin(this.#session.sliceOptions, open.target);
    for await (const bytes of open.spool.read()) await this.#write(load, bytes);
    this.#load = load;
    return load;
  }

  async #write(load: SliceLoad, bytes: Buffer): Promise<void> {
    try {
      await load.copy.write(bytes);
    } catch (error) {
      this.#load = undefined;
      await load.abandon();
      throw error;
    }
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
    const { target } = open;
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
