import type { RecordMessage } from '@traffic-events/singer';
import type { LedgerRow, PartitionChange, RunMark, SliceMark } from '@traffic-events/slice';
import { ChangedPartitions } from '../../messages/changed-partitions.ts';
import { accountsOf } from '../../slices/entries.ts';
import { MessageOrderError, WarehouseBehindError } from '../../errors.ts';
import { readLedgerRecord } from '../../messages/ledger-record.ts';
import type { Logger } from '../../logger.ts';
import { missingClaims } from '../../messages/state-gate.ts';
import { readState } from '../../messages/state-value.ts';
import { MAX_VALUE_CHARACTERS } from '../commit/commit-script.ts';
import { sliceKey } from '../commit/ledger-sql.ts';
import { SliceOrder } from './slice-order.ts';
import type { SliceNames } from './slice-names.ts';
import type { SliceDecision } from '../../slices/slice-decision.ts';
import type { ClosedSlice, RowSource, WarehouseSession } from '../warehouse-session.ts';

interface PendingAccountsOptions {
  readonly session: WarehouseSession;
  readonly logger: Logger;
}

/** What the messages say of accounts, from their STATE to the transaction that enters it. */
export class PendingAccounts {
  readonly #session: WarehouseSession;
  readonly #logger: Logger;
  readonly #order = new SliceOrder();
  readonly #changed = new ChangedPartitions();
  /** Ledger rows that no STATE has covered yet. */
  #uncovered: LedgerRow[] = [];
  #slices = new Map<string, ClosedSlice>();
  #ledger: LedgerRow[] = [];
  #changes: PartitionChange[] = [];
  #run: RunMark | undefined;
  #characters = 0;

  constructor({ session, logger }: PendingAccountsOptions) {
    this.#session = session;
    this.#logger = logger;
  }

  /** Whether rows have come of a slice that no STATE has closed. */
  get isSliceOpen(): boolean {
    return this.#order.isOpen;
  }

  /** Whether more would make the transaction's text too long. */
  get isFull(): boolean {
    return this.#characters > MAX_VALUE_CHARACTERS;
  }

  /** Whether a row opens a slice of which another copy waits to be committed. */
  repeats(names: SliceNames): boolean {
    return !this.#order.isOpen && this.#slices.has(keyOf(names));
  }

  /** Whether a STATE closes a slice without rows, of which another copy waits to be committed. */
  repeatsEmpty(value: unknown): boolean {
    const { slice } = readState(value);
    return slice !== undefined && !this.#order.isOpen && this.#slices.has(sliceKey(slice));
  }

  /** Takes a row in. Answers a promise only when there is something to wait for. */
  noteRow(names: SliceNames): Promise<void> | undefined {
    if (!this.#order.isOpen) return this.#openSlice(names);
    this.#order.note(names);
    return undefined;
  }

  addLedgerRow(stream: string, record: RecordMessage['record']): void {
    this.#uncovered.push(readLedgerRecord(stream, record));
  }

  /** Whether a STATE is one of ours, which goes into the warehouse with its data. */
  concerns(value: unknown): boolean {
    const state = readState(value);
    return state.run !== undefined && (state.slice !== undefined || state.partitions.length > 0);
  }

  /**
   * The state that the tap was given. Throws `WarehouseBehindError` when it claims what the
   * warehouse does not have.
   */
  async gate(value: unknown): Promise<void> {
    const { partitions } = readState(value);
    if (partitions.length === 0) return;
    const known = await this.#session.knownDates(partitions.map(({ accountId }) => accountId));
    const missing = missingClaims(partitions, known);
    if (missing.length > 0) throw new WarehouseBehindError(missing);
    this.#changed.know(partitions);
  }

  /** Takes in what a STATE covers: a slice, ledger rows, and the partitions that it changes. */
  async take(value: unknown): Promise<void> {
    const { slice, partitions, run } = readState(value);
    if (run === undefined) throw new MessageOrderError('A STATE that closes a slice names no run.');
    const changes = this.#changed.of(partitions);
    const ledger = this.#uncovered;
    await this.#session.lease(accountsOf({ ledger, changes }));
    if (slice !== undefined) {
      const own = ledger.find((row) => row.extraction_id === slice.execution_id);
      this.#slices.set(sliceKey(slice), this.#order.close(slice, own));
    }
    this.#ledger.push(...ledger.filter((row) => row.extraction_id !== slice?.execution_id));
    this.#changes.push(...changes);
    this.#run = run;
    this.#uncovered = [];
    this.#characters += JSON.stringify([ledger, changes]).length;
    this.#changed.know(partitions);
  }

  /** Commits what has been taken in, with the rows of slices and the rows of other tables. */
  async flush(sources: readonly RowSource[], tables: readonly RowSource[]): Promise<void> {
    const closed = Map.groupBy(this.#slices.values(), ({ mark }) => mark.stream);
    const decisions = await this.#session.flush({
      slices: [...closed].map(([stream, slices]) => ({
        ...this.#sourceOf(stream, sources),
        slices,
      })),
      tables,
      ledger: this.#ledger,
      changes: this.#changes,
      run: this.#run,
    });
    for (const [{ mark }, { outcome }] of decisions) this.#report(mark, outcome);
    this.#slices = new Map();
    this.#ledger = [];
    this.#changes = [];
    this.#characters = 0;
  }

  async #openSlice(names: SliceNames): Promise<void> {
    await this.#session.lease([names.accountId]);
    this.#order.note(names);
  }

  #sourceOf(stream: string, sources: readonly RowSource[]): RowSource {
    const source = sources.find(({ table }) => table.definition.stream === stream);
    if (source !== undefined) return source;
    throw new MessageOrderError(`A slice of stream ${stream} came before its SCHEMA.`);
  }

  #report(mark: SliceMark, outcome: SliceDecision['outcome']): void {
    const { stream, account_id, event_date, execution_id, row_count } = mark;
    const fields = { stream, account_id, event_date, execution_id, row_count };
    if (outcome.kind === 'applied') this.#logger.info(fields, 'slice.loaded');
    else this.#logger.warn({ ...fields, reason: outcome.reason }, 'slice.kept');
  }

  /** Tells what no STATE has covered. */
  abandon(): void {
    const slice = this.#order.describe();
    if (slice !== undefined) this.#logger.warn({ slice }, 'slice.unclosed');
    if (this.#uncovered.length > 0) {
      this.#logger.warn({ rows: this.#uncovered.length }, 'ledger.uncovered');
    }
  }
}

function keyOf({ stream, accountId, eventDate }: SliceNames): string {
  return sliceKey({ stream, account_id: accountId, event_date: eventDate });
}
