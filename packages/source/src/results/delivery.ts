import { decideCopy, isFinal } from '@traffic-events/slice';
import type {
  Copy,
  InstantMs,
  LedgerStatus,
  PartitionState,
  SliceStatus,
} from '@traffic-events/slice';

import { proofAt } from '../state/bundle-record.ts';
import { heldCopy, withDelivered } from '../state/partition.ts';
import type { ResultEvidence } from './result-evidence.ts';
import type { SliceTiming } from '../streams/timing.ts';

/** What is known of an execution that succeeded and whose result was read. */
export interface FinishedExecution {
  readonly executionId: string;
  readonly createTimeMs: InstantMs;
  /** API time at which it was first seen finished. */
  readonly seenFinishedMs: InstantMs;
  readonly evidence: ResultEvidence;
  readonly rowCount: number;
  readonly mainSum: string | null;
  /** Shape of the bundle that it is; absent where it is the slice's own query. */
  readonly bundle?: string | undefined;
  /** It is known already that such bundles were right, whatever the state knows. */
  readonly isProven?: boolean | undefined;
}

export interface DeliveryDecision {
  readonly copy: Copy;
  /** How the slice stands in the state. */
  readonly status: SliceStatus;
  /** How the ledger says what became of this execution. */
  readonly ledgerStatus: LedgerStatus;
  /** Why it was not applied, or why it is suspect; null where there is nothing to explain. */
  readonly reason: string | null;
  readonly partition: PartitionState;
}

/** Ranks a result against the copy that the state holds, and says how the slice stands then. */
export function decideDelivery(
  partition: PartitionState,
  eventDate: string,
  timing: SliceTiming,
  execution: FinishedExecution,
): DeliveryDecision {
  const { fingerprint } = partition;
  const incoming = { ...copyOf(timing, execution), fingerprint };
  const decision = decideCopy(incoming, heldCopy(partition, eventDate));
  const copy = { ...incoming, suspect: decision.suspect };
  const isTrusted = isTrustedBy(partition, execution);
  const status = decision.apply ? statusOf(copy, isExpired(timing, execution), isTrusted) : 'open';
  return {
    copy,
    status,
    ledgerStatus: decision.apply ? status : 'kept_better',
    reason: decision.apply ? reasonOf(copy, status, isTrusted) : decision.reason,
    partition: withDelivered(partition, { eventDate, copy, applied: decision.apply, status }),
  };
}

/** Its own query is always trusted. */
function isTrustedBy(
  { bundle: record }: PartitionState,
  { bundle, isProven = false, seenFinishedMs }: FinishedExecution,
): boolean {
  return isProven || bundle === undefined || proofAt(record, bundle, seenFinishedMs) === 'good';
}

/** The copy that an execution gives, by itself. */
export function copyOf(timing: SliceTiming, execution: FinishedExecution): Copy {
  const { doubts, isKnown } = execution.evidence;
  return {
    executionId: execution.executionId,
    createTimeMs: execution.createTimeMs,
    complete: isKnown && !isExpired(timing, execution),
    settled: execution.createTimeMs >= timing.settlesMs,
    suspect: doubts.length > 0,
    bundle: execution.bundle,
    doubt: doubts.length > 0 ? doubts.join('; ') : undefined,
    rowCount: isKnown ? execution.rowCount : null,
    mainSum: isKnown ? execution.mainSum : null,
  };
}

/** Whether a part of it had gone before it was seen finished. */
function isExpired(timing: SliceTiming, { seenFinishedMs }: FinishedExecution): boolean {
  return seenFinishedMs > timing.expiresMs;
}

/** A copy of which a part had expired is the last one: every later one has less. */
function statusOf(copy: Copy, expired: boolean, isTrusted: boolean): SliceStatus {
  if (expired) return 'partial';
  return isFinal(copy) && isTrusted ? 'settled' : 'open';
}

function reasonOf(copy: Copy, status: SliceStatus, isTrusted: boolean): string | null {
  const doubts = copy.doubt === undefined ? [] : [copy.doubt];
  if (status === 'partial') {
    return [...doubts, 'part of it had expired before it was seen finished'].join('; ');
  }
  if (copy.doubt !== undefined) return `${copy.doubt}; it is asked for again`;
  return isFinal(copy) && !isTrusted
    ? 'it waits until the account has shown that its bundles are right'
    : null;
}
