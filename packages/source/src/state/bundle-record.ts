import { isFinal } from '@traffic-events/slice';
import type {
  BundleAnswer,
  BundleProof,
  BundleRecord,
  InstantMs,
  PartitionState,
  TailEntry,
} from '@traffic-events/slice';

import { DAY_MS } from '../streams/timing.ts';
import { isOpen, toIso } from './partition.ts';

/** What an account has shown counts for so long; then it has to be shown again. */
export const PROOF_MS = 30 * DAY_MS;

/** Too many had run over the same data: another day they may not have. */
const OVERLAP_MS = DAY_MS;

/** How far a stream's proof of a shape is at a moment. */
export function proofAt(
  record: BundleRecord | undefined,
  shape: string,
  nowMs: InstantMs,
): BundleProof {
  if (record === undefined || record.shape !== shape) return 'open';
  const longestMs = record.proof === 'overlap' ? OVERLAP_MS : PROOF_MS;
  return nowMs - Date.parse(record.at) < longestMs ? record.proof : 'open';
}

/** Whether a stream may be asked for in a bundle: not where that was refused, or cannot be shown. */
export function mayJoin(proof: BundleProof): boolean {
  return proof === 'open' || proof === 'equal' || proof === 'good';
}

/** Whether the copy held would have closed its slice, if it were of a query of its own. */
export function waitsForProof(entry: TailEntry): boolean {
  return entry.bundle !== undefined && isFinal(entry) && entry.status === 'open';
}

/** Keeps what a bundle said of a slice, where a comparison is wanted and none is under way. */
export function withAnswer(
  partition: PartitionState,
  shape: string,
  answer: BundleAnswer,
  nowMs: InstantMs,
): PartitionState {
  const { bundle: record } = partition;
  if (proofAt(record, shape, nowMs) !== 'open') return partition;
  const isUnderWay = record?.shape === shape && pendingAnswer(partition) !== undefined;
  if (isUnderWay && record?.answer?.event_date !== answer.event_date) return partition;
  return {
    ...partition,
    bundle: { shape, proof: 'open', at: toIso(nowMs), event_date: null, answer },
  };
}

/** What is to be compared; undefined where its date can no longer be asked for. */
export function pendingAnswer(partition: PartitionState): BundleAnswer | undefined {
  const answer = partition.bundle?.answer;
  return answer !== undefined && isOpen(partition, answer.event_date) ? answer : undefined;
}

/** How a comparison came out, or what follows from those of a data source. */
export interface ProofVerdict {
  readonly proof: BundleProof;
  readonly eventDate: string | null;
  readonly reason?: string | undefined;
}

export function withVerdict(
  partition: PartitionState,
  { proof, eventDate, reason }: ProofVerdict,
  nowMs: InstantMs,
): PartitionState {
  const { bundle: record } = partition;
  if (record === undefined) return partition;
  const { shape } = record;
  return {
    ...partition,
    bundle: { shape, proof, at: toIso(nowMs), event_date: eventDate, reason },
  };
}

/** Streams that a query may have, by what the service took; Infinity where it refused none. */
export function membersAllowed(partition: PartitionState | undefined, nowMs: InstantMs): number {
  const limit = partition?.bundle_limit;
  if (limit === undefined || nowMs - Date.parse(limit.at) >= PROOF_MS) return Infinity;
  return limit.members;
}

/** An execution that was created before a smaller limit was known says nothing of that. */
export function withLimit(
  partition: PartitionState,
  most: number,
  nowMs: InstantMs,
): PartitionState {
  const members = Math.min(most, membersAllowed(partition, nowMs));
  return { ...partition, bundle_limit: { members, at: toIso(nowMs) } };
}
