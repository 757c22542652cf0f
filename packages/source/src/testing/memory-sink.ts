import {
  decideCopy,
  describeSlice,
  isFinal,
  keptReason,
  UNKNOWN_BUNDLE,
} from '@traffic-events/slice';
import type {
  Copy,
  CopyDecision,
  LedgerRow,
  PartitionChange,
  RefusedOutcome,
  RefusedStream,
  ResultRow,
  RunMark,
  Sink,
  SliceKey,
  SliceOutcome,
  SliceResult,
} from '@traffic-events/slice';

import { withPartition } from '../state/saved-states.ts';

export interface HeldSlice {
  readonly copy: Copy;
  readonly columns: readonly string[];
  readonly rows: readonly ResultRow[];
}

/** Keeps slices in memory by the rule that a poorer copy never replaces a better one. */
export class MemorySink implements Sink {
  readonly slices = new Map<string, HeldSlice>();
  readonly ledgerRows: LedgerRow[] = [];
  readonly calls: string[] = [];
  savedState: readonly PartitionChange[];
  runs: RunMark[] = [];
  /** Called before each change; what it throws ends the run there, as a crash would. */
  onCall: (call: string) => void = () => {};
  /** Why a slice cannot be taken; undefined where it can. */
  refuse: (result: SliceResult) => RefusedOutcome | undefined = () => undefined;
  /** Streams that it cannot take. */
  refusedStreams: readonly RefusedStream[] = [];
  #isDead = false;

  constructor(state: readonly PartitionChange[] = []) {
    this.savedState = state;
  }

  async open(run: RunMark): Promise<readonly RefusedStream[]> {
    this.#isDead = false;
    this.runs.push(run);
    return this.refusedStreams;
  }

  async slice(result: SliceResult, change: PartitionChange): Promise<SliceOutcome> {
    this.#called(`slice ${result.mark.event_date}`);
    const refused = this.refuse(result);
    if (refused !== undefined) return refused;
    const rows: ResultRow[] = [];
    for await (const batch of result.rows()) rows.push(...batch);
    const { mark } = result;
    const key = `${mark.stream} ${mark.account_id} ${mark.event_date}`;
    const copy = copyOf(result);
    const decision = decideCopy(copy, this.slices.get(key)?.copy);
    if (decision.apply) {
      const columns = result.columns.map(({ name }) => name);
      this.slices.set(key, { copy: { ...copy, suspect: decision.suspect }, columns, rows });
    }
    this.ledgerRows.push(judgedRow(result.ledger, decision));
    this.savedState = withPartition(this.savedState, change);
    return decision.apply
      ? { kind: 'applied' }
      : {
          kind: 'kept_better',
          reason: decision.reason,
          suspect: decision.suspect,
          held: this.#heldAs(decision.held, mark),
        };
  }

  /** Nothing but a missing proof keeps a slice open whose copy is as good as it can be. */
  #heldAs(held: Copy, { stream, event_date }: SliceResult['mark']): Copy {
    const own = this.ledgerRows.filter(
      (row) =>
        row.execution_id === held.executionId &&
        row.stream === stream &&
        row.event_date === event_date,
    );
    const isOpen = own.every(({ status }) => status === 'open');
    return isFinal(held) && isOpen ? { ...held, bundle: UNKNOWN_BUNDLE } : held;
  }

  async ledger(rows: readonly LedgerRow[], changes: readonly PartitionChange[]): Promise<void> {
    this.#called(rows.length > 0 ? 'ledger' : 'changes');
    const isHeld = (row: LedgerRow) =>
      this.slices.has(`${row.stream} ${row.account_id} ${row.event_date}`);
    // A state that was lost may say so of what is held.
    this.ledgerRows.push(...rows.filter((row) => row.status !== 'missed' || !isHeld(row)));
    this.savedState = changes.reduce(withPartition, [...this.savedState]);
  }

  async state(change: PartitionChange): Promise<void> {
    this.#called('state');
    this.savedState = withPartition(this.savedState, change);
  }

  async holdsWhole(slices: readonly SliceKey[]): Promise<SliceKey[]> {
    return slices.filter((slice) => this.slices.get(describeSlice(slice))?.copy.complete === true);
  }

  async close(): Promise<void> {}

  /** Sum of a column of a slice; undefined where the slice is not held. */
  total(key: string, column: string): bigint | undefined {
    const slice = this.slices.get(key);
    if (slice === undefined) return undefined;
    const index = slice.columns.indexOf(column);
    return slice.rows.reduce((sum, row) => sum + BigInt(row[index] ?? 0), 0n);
  }

  /** A run that has died never delivers anything again; the next one begins with `open`. */
  #called(call: string): void {
    if (this.#isDead) throw new Error('the run has died');
    this.calls.push(call);
    try {
      this.onCall(call);
    } catch (error) {
      this.#isDead = true;
      throw error;
    }
  }
}

/** The row as the loaders enter it: what is held decides what became of a result. */
function judgedRow(row: LedgerRow, decision: CopyDecision): LedgerRow {
  const { suspect } = decision;
  if (!decision.apply)
    return { ...row, suspect, status: 'kept_better', reason: keptReason(row, decision) };
  return { ...row, suspect, status: suspect && row.status === 'settled' ? 'open' : row.status };
}

function copyOf({ mark, ledger, mainSum }: SliceResult): Copy {
  return {
    executionId: mark.execution_id,
    createTimeMs: Date.parse(ledger.create_time ?? ''),
    complete: mark.complete,
    settled: mark.settled,
    suspect: mark.suspect,
    rowCount: mark.row_count,
    mainSum,
    fingerprint: ledger.fingerprint,
  };
}
