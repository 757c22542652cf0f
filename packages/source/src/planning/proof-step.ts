import type { EventDate, InstantMs, PartitionState } from '@traffic-events/slice';

import { mayJoin, pendingAnswer, proofAt, waitsForProof } from '../state/bundle-record.ts';
import { tailEntry } from '../state/partition.ts';
import type { SliceTiming } from '../streams/timing.ts';
import { DAY_MS, URGENT_MS } from '../streams/timing.ts';

/**
 * What is to be done with a slice whose copy is of a bundle.
 * - `none`: what would be done with any other.
 * - `closes`: the account has shown that such a copy is right.
 * - `waits`: until it has.
 * - `alone`: its own query is due now.
 */
export type ProofStep = 'none' | 'closes' | 'waits' | 'alone';

/** By the rule that no slice closes from a bundle alone before the account has proven it. */
export function proofStep(
  partition: PartitionState,
  date: EventDate,
  timing: SliceTiming,
  nowMs: InstantMs,
): ProofStep {
  const entry = tailEntry(partition, date);
  const record = partition.bundle;
  if (entry.bundle === undefined) return 'none';
  // A later answer was no better: it is asked for again in its time.
  if (entry.last_create_time !== entry.create_time) return 'none';
  if (entry.suspect) return nowMs >= timing.settlesMs ? 'alone' : 'none';
  if (!waitsForProof(entry) || record === undefined || record.shape !== entry.bundle) return 'none';
  const proof = proofAt(record, entry.bundle, nowMs);
  if (proof === 'good') return 'closes';
  if (!mayJoin(proof) || timing.expiresMs - nowMs < URGENT_MS) return 'alone';
  const isCompared = pendingAnswer(partition)?.event_date === date;
  return isCompared && nowMs >= timing.settlesMs + DAY_MS ? 'alone' : 'waits';
}
