import { ownValue } from '@traffic-events/singer';
import {
  compareCopies,
  currentFingerprint,
  decideCopy,
  HOLDING_STATUSES,
  isFinal,
  keptReason,
  UNKNOWN_BUNDLE,
} from '@traffic-events/slice';
import type {
  Copy,
  LedgerRow,
  LedgerStatus,
  PartitionChange,
  PartitionState,
  SliceMark,
  SliceOutcome,
} from '@traffic-events/slice';

/** The part of a ledger row that says how good a copy is. */
export type LedgerCopy = Pick<
  LedgerRow,
  | 'status'
  | 'execution_id'
  | 'create_time'
  | 'row_count'
  | 'sums'
  | 'complete'
  | 'settled'
  | 'suspect'
  | 'fingerprint'
>;

/** Statuses of rows whose execution's rows the slice holds, or held until a better copy came. */
const HOLDING: ReadonlySet<LedgerStatus> = new Set(HOLDING_STATUSES);

/** Whether a ledger row of this status speaks of rows in the table. */
export function isHolding(status: LedgerStatus): boolean {
  return HOLDING.has(status);
}

/** Whether ledger rows of a slice say that a copy of it is held. */
export function isHeld(rows: readonly LedgerCopy[]): boolean {
  return rows.some((row) => isHolding(row.status) && row.execution_id !== null);
}

/**
 * The copy that the slice holds, as its ledger rows tell: the best-ranked of those that were
 * applied, because only a better one ever replaces. Sums are compared by `mainMetric`.
 */
export function heldCopy(
  rows: readonly LedgerCopy[],
  mainMetric: string | undefined,
): Copy | undefined {
  const holding = rows.filter((row) => isHolding(row.status) && row.execution_id !== null);
  const held = holding
    .map((row) => copyOf(row, mainMetric))
    .sort(compareCopies)
    .at(-1);
  if (held === undefined || !waitsForProof(held, holding)) return held;
  return { ...held, bundle: UNKNOWN_BUNDLE };
}

/** Nothing else keeps a slice open whose copy is as good as it can be. */
function waitsForProof(held: Copy, rows: readonly LedgerCopy[]): boolean {
  const own = rows.filter((row) => row.execution_id === held.executionId);
  return isFinal(held) && own.every(({ status }) => status === 'open');
}

function copyOf(row: LedgerCopy, mainMetric: string | undefined): Copy {
  return {
    executionId: row.execution_id ?? '',
    createTimeMs: row.create_time === null ? 0 : Date.parse(row.create_time),
    complete: row.complete ?? false,
    settled: row.settled ?? false,
    suspect: row.suspect ?? false,
    rowCount: row.row_count,
    mainSum: mainMetric === undefined ? null : (ownValue(row.sums, mainMetric) ?? null),
    fingerprint: row.fingerprint,
  };
}

/** The stream's main metric: the first of the sums, on the wire and in a result alike. */
export function mainMetricOf(row: Pick<LedgerRow, 'sums'>): string | undefined {
  return Object.keys(row.sums)[0];
}

/** What a source says against the copy that it delivers; what it has kept out it compares itself. */
function doubtOf({ suspect }: SliceMark, { status, reason }: LedgerRow): string | undefined {
  return suspect && status !== 'kept_better' && reason !== null ? reason : undefined;
}

/** A slice that is whole: what was declared of it, and its ledger row. */
export interface DeclaredSlice {
  readonly mark: SliceMark;
  readonly ledger: LedgerRow;
}

/** What becomes of an incoming slice, and the ledger row that says so. */
export interface SliceDecision {
  readonly outcome: Exclude<SliceOutcome, { kind: 'handed_on' }>;
  readonly ledger: LedgerRow;
}

/**
 * Rule 6 for a slice that arrives, beside what the ledger says of the one that is held. The state
 * that comes with it knows what fingerprints of old are called now.
 */
export function decideSlice(
  mark: SliceMark,
  ledger: LedgerRow,
  heldRows: readonly LedgerCopy[],
  changes: readonly PartitionChange[] = [],
): SliceDecision {
  const mainMetric = mainMetricOf(ledger);
  const partition = partitionOf(mark, changes);
  const current = <Row extends LedgerCopy>(row: Row): Row => ({
    ...row,
    fingerprint: currentFingerprint(row.fingerprint, partition),
  });
  const incoming: Copy = {
    ...copyOf(current(ledger), mainMetric),
    executionId: mark.execution_id,
    complete: mark.complete,
    settled: mark.settled,
    suspect: mark.suspect,
    doubt: doubtOf(mark, ledger),
    rowCount: mark.row_count,
  };
  const decision = decideCopy(incoming, heldCopy(heldRows.map(current), mainMetric));
  const judged = { ...ledger, suspect: decision.suspect };
  if (!decision.apply) {
    const { suspect, held } = decision;
    const reason = keptReason(ledger, decision);
    return {
      outcome: { kind: 'kept_better', reason, suspect, held },
      ledger: { ...judged, status: 'kept_better', reason },
    };
  }
  // A suspect result leaves its slice open: a better copy may still come.
  const status = decision.suspect && ledger.status === 'settled' ? 'open' : ledger.status;
  return { outcome: { kind: 'applied' }, ledger: { ...judged, status } };
}

function partitionOf(
  { stream, account_id }: SliceMark,
  changes: readonly PartitionChange[],
): PartitionState | undefined {
  return changes.find((change) => change.stream === stream && change.accountId === account_id)
    ?.state;
}
