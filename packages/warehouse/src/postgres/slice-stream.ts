import type { RecordMessage } from '@traffic-events/singer';
import { describeSlice } from '@traffic-events/slice';
import { MessageOrderError } from '../errors.ts';
import type { SliceDecision } from '../slice-decision.ts';
import type { StreamDefinition } from '../stream-definition.ts';
import { RecordRows } from './record-rows.ts';
import { RowBuffer } from './row-buffer.ts';
import { SliceLoad } from './slice-load.ts';
import type { SliceClosing, SliceTarget } from './slice-load.ts';
import type { PreparedTable } from './stream-tables.ts';
import type { WarehouseSession } from './warehouse-session.ts';

interface OpenSlice {
  readonly load: SliceLoad;
  readonly buffer: RowBuffer;
}

/** Loads the records of slice streams: one slice at a time, open from its first record to its STATE. */
export class SliceStreams {
  readonly #session: WarehouseSession;
  readonly #tables = new Map<string, { table: PreparedTable; rows: RecordRows }>();
  #open: OpenSlice | undefined;

  constructor(session: WarehouseSession) {
    this.#session = session;
  }

  describe(table: PreparedTable): void {
    this.#tables.set(table.definition.stream, { table, rows: new RecordRows(table) });
  }

  has(stream: string): boolean {
    return this.#tables.has(stream);
  }

  async add(stream: string, record: RecordMessage['record']): Promise<void> {
    const { table, rows } = this.#described(stream);
    const row = rows.row(record);
    const { buffer } = await this.#openFor(table.definition, record);
    if (buffer.add(row)) await buffer.flush();
  }

  /** Closes the slice that a STATE declares; one without rows was never opened. */
  async close(closing: SliceClosing): Promise<SliceDecision> {
    const { mark } = closing;
    const load = this.#open ?? (await this.#openEmpty(closing));
    this.#open = undefined;
    const isOther =
      load.load.target.stream !== mark.stream ||
      load.load.target.accountId !== mark.account_id ||
      load.load.target.eventDate !== mark.event_date;
    if (isOther) {
      await load.load.abandon();
      throw new MessageOrderError(
        `A STATE closes slice ${mark.stream} ${mark.account_id} ${mark.event_date}, but the records before it are of ${describeSlice(load.load.target)}.`,
      );
    }
    await load.buffer.flush();
    return load.load.close(closing);
  }

  /** Drops a slice whose STATE never came. Answers what it was. */
  async abandon(): Promise<string | undefined> {
    const open = this.#open;
    this.#open = undefined;
    await open?.load.abandon();
    return open === undefined ? undefined : describeSlice(open.load.target);
  }

  async #openFor(
    definition: StreamDefinition,
    record: RecordMessage['record'],
  ): Promise<OpenSlice> {
    const accountId = String(record['account_id']);
    const eventDate = String(record['event_date']);
    const executionId = String(record['execution_id']);
    const open = this.#open;
    if (open === undefined) return this.#begin(definition, { accountId, eventDate, executionId });
    const { target } = open.load;
    const isSame =
      target.executionId === executionId &&
      target.eventDate === eventDate &&
      target.accountId === accountId &&
      target.stream === definition.stream;
    if (isSame) return open;
    throw new MessageOrderError(
      `A record of slice ${definition.stream} ${accountId} ${eventDate} (execution ${executionId}) came before the STATE that closes ${describeSlice(target)} (execution ${target.executionId}). Slices come one after the other; see that nothing between tap and target reorders or drops messages.`,
    );
  }

  async #openEmpty({ mark }: SliceClosing): Promise<OpenSlice> {
    const { table } = this.#described(mark.stream);
    return this.#begin(table.definition, {
      accountId: mark.account_id,
      eventDate: mark.event_date,
      executionId: mark.execution_id,
    });
  }

  async #begin(
    definition: StreamDefinition,
    key: Pick<SliceTarget, 'accountId' | 'eventDate' | 'executionId'>,
  ): Promise<OpenSlice> {
    await this.#session.lease([key.accountId]);
    const load = await SliceLoad.begin(this.#session.sliceOptions, {
      stream: definition.stream,
      table: definition.table,
      columns: definition.columns.map(({ name }) => name),
      ...key,
    });
    this.#open = { load, buffer: new RowBuffer(load.copy) };
    return this.#open;
  }

  #described(stream: string) {
    const described = this.#tables.get(stream);
    if (described !== undefined) return described;
    throw new MessageOrderError(`A record of stream ${stream} came before its SCHEMA.`);
  }
}
