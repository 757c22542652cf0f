import type { Clock } from '@traffic-events/client';
import type { RecordMessage } from '@traffic-events/singer';
import { describeSlice, isOfExecution } from '@traffic-events/slice';
import type {
  InstantMs,
  LedgerRow,
  PartitionChange,
  RunMark,
  SliceMark,
} from '@traffic-events/slice';
import type { LoadDriver, SliceWriter, StreamTable, TableWriter, WrittenSlice } from '../driver.ts';
import { MessageOrderError, WarehouseBehindError } from '../errors.ts';
import type { RecordError } from '../errors.ts';
import type { Logger } from '@traffic-events/client';
import { accountsOf } from '../slices/entries.ts';
import { OpenSlice } from '../slices/open-slice.ts';
import type { SliceDecision } from '../slices/slice-decision.ts';
import { executionOf, sliceId, sliceOf } from '../slices/slice-execution.ts';
import type { SliceExecution } from '../slices/slice-execution.ts';
import { ChangedPartitions } from './changed-partitions.ts';
import { readLedgerRecord } from './ledger-record.ts';
import type { Fields } from './record-fields.ts';
import { RefusedSlices } from './refused-slices.ts';
import { missingClaims } from './state-gate.ts';
import { refuseFaults } from './state-value.ts';
import type { ReadState } from './state-value.ts';
import type { Waiting } from './waiting.ts';

interface AccountMessagesOptions<Slice extends SliceWriter, Rows extends TableWriter> {
  readonly driver: LoadDriver<Slice, Rows>;
  readonly waiting: Waiting;
  readonly logger: Logger;
  /** API time. */
  readonly clock: Clock;
  /** The stream of a slice. */
  readonly streamOf: (stream: string) => StreamTable;
}

/**
 * What the messages say of accounts: records of slices, rows of the ledger, states that close. One
 * slice is open at a time, from its first row to its ledger row; a STATE closes one or several. What
 * is whole waits for its commit.
 */
export class AccountMessages<Slice extends SliceWriter, Rows extends TableWriter> {
  readonly #options: AccountMessagesOptions<Slice, Rows>;
  readonly #changed = new ChangedPartitions();
  readonly #refused = new RefusedSlices();
  #open: OpenSlice<Slice> | undefined;
  /** Slices whose rows and ledger row have come, and whose STATE comes later, by `sliceId`. */
  readonly #counted = new Map<string, OpenSlice<Slice>>();
  /** Ledger rows that no STATE has covered yet. */
  #uncovered: LedgerRow[] = [];
  #closed = new Map<string, WrittenSlice<Slice>>();
  #ledger: LedgerRow[] = [];
  #changes: PartitionChange[] = [];
  #run: RunMark | undefined;
  #characters = 0;

  constructor(options: AccountMessagesOptions<Slice, Rows>) {
    this.#options = options;
  }

  /** Whether more would be too much for one transaction. */
  get isFull(): boolean {
    return this.#characters > this.#options.driver.capabilities.maxWaitingCharacters;
  }

  /** Whether slices of a stream wait to be committed. */
  isWaiting(stream: string): boolean {
    return [...this.#closed.values()].some(({ mark }) => mark.stream === stream);
  }

  /** Adds a row of a slice. Answers a promise only when there is something to wait for. */
  addRow(
    stream: StreamTable,
    execution: SliceExecution,
    fields: Fields,
  ): Promise<void> | undefined {
    if (this.#refused.isAny && this.#refused.has(execution)) return undefined;
    const open = this.#open;
    if (open === undefined) return this.#beginWith(stream, execution, fields);
    if (open.isOf(execution) || !this.#isCounted(open)) return open.add(execution, fields);
    return this.#setAside(open).then(() => this.#beginWith(stream, execution, fields));
  }

  #beginWith(stream: StreamTable, execution: SliceExecution, fields: Fields): Promise<void> {
    return this.#begin(stream, execution).then((open) => open.add(execution, fields));
  }

  /** Fails the slice of a record, and nothing else. Throws the error where it is of none. */
  async refuse(error: RecordError, record: RecordMessage['record']): Promise<void> {
    const execution = executionOf(error.stream, record);
    const open = this.#open;
    const isMixed = open !== undefined && execution !== undefined && !open.isOf(execution);
    if (execution === undefined || (isMixed && !this.#isCounted(open))) throw error;
    if (this.#refused.has(execution)) return;
    this.#refused.add(execution, error.message);
    const { stream, accountId, eventDate, executionId } = execution;
    const fields = { stream, account_id: accountId, event_date: eventDate };
    const { logger } = this.#options;
    logger.warn({ ...fields, execution_id: executionId, reason: error.message }, 'slice.failed');
    if (open?.isOf(execution) !== true) return;
    this.#open = undefined;
    await open.writer.abandon();
  }

  /** The value of a STATE as it can be passed on. To be asked of each, once it has been taken. */
  passedOn(value: unknown): unknown {
    return this.#refused.passedOn(value);
  }

  /** Throws where slices have failed. */
  throwRefused(): void {
    this.#refused.throwFirst();
  }

  /** Throws where a stream that is described anew has a slice open, whose rows have other columns. */
  refuseOtherColumns(stream: string, columns: readonly string[]): void {
    for (const open of this.#unclosed()) open.refuseOtherColumns(stream, columns);
  }

  addLedgerRow(stream: string, record: RecordMessage['record']): void {
    this.#uncovered.push(this.#refused.entered(readLedgerRecord(stream, record)));
  }

  /** Whether a STATE is one of ours, which goes into the warehouse with its data. */
  concerns({ run, slices, partitions }: ReadState): boolean {
    return run !== undefined && (slices.length > 0 || partitions.length > 0);
  }

  /**
   * The state that the tap was given. Throws `WarehouseBehindError` when it claims what the
   * warehouse does not have, and `StateError` when it claims what nothing can have.
   */
  async gate({ partitions, run }: ReadState): Promise<void> {
    if (partitions.length === 0) return;
    refuseFaults(partitions, this.#nowMs(run));
    const accounts = partitions.map(({ accountId }) => accountId);
    const missing = missingClaims(partitions, await this.#options.driver.knownDates(accounts));
    if (missing.length > 0) throw new WarehouseBehindError(missing);
    this.#changed.know(partitions);
  }

  /** Takes in what a STATE covers: slices, ledger rows, and the partitions that it changes. */
  async take({ slices, partitions, run }: ReadState): Promise<void> {
    if (run === undefined) throw new MessageOrderError('A STATE that closes a slice names no run.');
    const changes = this.#changed.of(partitions);
    refuseFaults(changes, this.#nowMs(run));
    const ledger = this.#uncovered;
    await this.#options.driver.lease(accountsOf({ ledger, changes }));
    const closable = this.#refused.closable(slices);
    for (const slice of closable) await this.#close(slice, ledger);
    const isOfSlice = (row: LedgerRow) => closable.some((slice) => isOfExecution(row, slice));
    this.#ledger.push(...ledger.filter((row) => !isOfSlice(row)));
    this.#changes.push(...this.#refused.savable(changes));
    this.#run = run;
    this.#uncovered = [];
    this.#characters += JSON.stringify([ledger, changes]).length;
    this.#changed.know(partitions);
  }

  /** Commits what has been taken in. A slice that is open stays so. */
  async flush(): Promise<void> {
    const slices = [...this.#closed.values()];
    const bytes = slices.reduce((sum, { writer }) => sum + writer.waitingBytes, 0);
    const rows = slices.reduce((sum, { mark }) => sum + mark.row_count, 0);
    const decisions = await this.#options.driver.commit({
      slices,
      tables: [],
      ledger: this.#ledger,
      changes: this.#changes,
      run: this.#run,
    });
    this.#options.waiting.add(-rows, -bytes);
    for (const [{ mark }, { outcome }] of decisions) this.#report(mark, outcome);
    this.#closed = new Map();
    this.#ledger = [];
    this.#changes = [];
    this.#characters = 0;
  }

  /** Drops what no STATE has covered, and tells of it. */
  async abandon(): Promise<void> {
    const { logger } = this.#options;
    for (const open of this.#unclosed()) {
      await open.writer.abandon();
      logger.warn({ slice: describeSlice(open.slice) }, 'slice.unclosed');
    }
    this.#open = undefined;
    this.#counted.clear();
    if (this.#uncovered.length > 0) {
      logger.warn({ rows: this.#uncovered.length }, 'ledger.uncovered');
    }
  }

  /** A tap's run may have begun by a clock that is ahead of ours. */
  #nowMs(run: RunMark | undefined): InstantMs {
    const startedMs = run === undefined ? 0 : Date.parse(run.started_at);
    return Math.max(this.#options.clock.now(), Number.isNaN(startedMs) ? 0 : startedMs);
  }

  async #begin(stream: StreamTable, execution: SliceExecution): Promise<OpenSlice<Slice>> {
    const { driver } = this.#options;
    // What comes a second time is judged by what the first has left.
    if (this.#closed.has(sliceId(execution))) await this.flush();
    await driver.lease([execution.accountId]);
    const writer = await driver.openSlice(stream, execution);
    this.#open = new OpenSlice(execution, stream.fields.columns, writer);
    return this.#open;
  }

  /** Closes the slice that a STATE declares; one without rows was never opened. */
  async #close(mark: SliceMark, ledger: readonly LedgerRow[]): Promise<void> {
    const { waiting, streamOf } = this.#options;
    const execution = { ...sliceOf(mark), executionId: mark.execution_id };
    const counted = this.#counted.get(sliceId(execution));
    if (counted === undefined) await this.#setAsideForOther(execution);
    const open = counted ?? this.#open ?? (await this.#begin(streamOf(mark.stream), execution));
    const own = ledger.find((row) => isOfExecution(row, mark));
    const closed = await open.close(mark, own);
    if (counted === undefined) this.#open = undefined;
    else this.#counted.delete(sliceId(execution));
    this.#closed.set(sliceId(execution), closed);
    waiting.add(mark.row_count, closed.writer.waitingBytes);
  }

  /** Whether the ledger has told of a slice: all of its rows have come. */
  #isCounted({ executionId, slice }: OpenSlice<Slice>): boolean {
    const execution = { execution_id: executionId, stream: slice.stream };
    return this.#uncovered.some((row) => isOfExecution(row, execution));
  }

  /** Lets a slice wait for the STATE that closes it beside others. */
  async #setAside(open: OpenSlice<Slice>): Promise<void> {
    const id = sliceId(open.slice);
    if (this.#counted.has(id)) {
      throw new MessageOrderError(
        `Slice ${describeSlice(open.slice)} came twice before a STATE closed it. See that nothing between tap and target drops or doubles messages.`,
      );
    }
    await open.writer.close();
    this.#counted.set(id, open);
    this.#open = undefined;
  }

  /** Sets the open slice aside where a STATE closes another one, which had no rows. */
  async #setAsideForOther(execution: SliceExecution): Promise<void> {
    const open = this.#open;
    if (open !== undefined && !open.isOf(execution) && this.#isCounted(open))
      await this.#setAside(open);
  }

  #unclosed(): OpenSlice<Slice>[] {
    return [...this.#counted.values(), ...(this.#open === undefined ? [] : [this.#open])];
  }

  #report(mark: SliceMark, outcome: SliceDecision['outcome']): void {
    const { logger } = this.#options;
    const { stream, account_id, event_date, execution_id, row_count } = mark;
    const fields = { stream, account_id, event_date, execution_id, row_count };
    if (outcome.kind === 'applied') logger.info(fields, 'slice.loaded');
    else logger.warn({ ...fields, reason: outcome.reason }, 'slice.kept');
  }
}
