import { readPartition } from '@traffic-events/slice';
import type { InstantMs, PartitionChange, PartitionState } from '@traffic-events/slice';

import { StateFormatError } from '../errors.ts';

/** States as a warehouse keeps them, read. StateFormatError names the one that is broken. */
export function parseSavedStates<Saved extends PartitionChange>(
  saved: readonly Saved[],
  nowMs?: InstantMs,
): Saved[] {
  return saved.map((row) => {
    const read = readPartition(row.state, nowMs);
    if ('state' in read) return { ...row, state: read.state };
    throw new StateFormatError(
      `The state of ${row.stream} ${row.accountId} in the table _traffic_events_state cannot be used: ${read.fault}. ` +
        'Restore its row from a backup, or delete it: what the API still has is then extracted again, and no better copy is replaced.',
    );
  });
}

/** The partitions with one replaced or added. */
export function withPartition(
  partitions: readonly PartitionChange[],
  change: PartitionChange,
): PartitionChange[] {
  const { stream, accountId, state } = change;
  const at = partitions.findIndex((known) => isOf(known, stream, accountId));
  const changed = { stream, accountId, state };
  return at === -1 ? [...partitions, changed] : partitions.with(at, changed);
}

/** The partition of a stream and account; undefined where there is none. */
export function partitionOf(
  partitions: readonly PartitionChange[],
  stream: string,
  accountId: string,
): PartitionState | undefined {
  return partitions.find((known) => isOf(known, stream, accountId))?.state;
}

function isOf(known: PartitionChange, stream: string, accountId: string): boolean {
  return known.accountId === accountId && known.stream === stream;
}
