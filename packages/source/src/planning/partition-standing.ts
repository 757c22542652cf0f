import { windowOf } from '@traffic-events/slice';
import type { EventDate, InstantMs } from '@traffic-events/slice';

import { openDates, tailEntry } from '../state/partition.ts';
import { alignedPartition, lastEventDate } from './plan-partition.ts';
import type { PartitionPlanInput } from './plan-partition.ts';
import { sliceTiming } from '../streams/timing.ts';

/** How a stream of an account stands between runs. */
export interface PartitionStanding {
  /** Dates up to yesterday of which a better copy can still be had. */
  readonly open: readonly EventDate[];
  /** When the first of them without a complete copy begins to expire; null where all have one. */
  readonly expiresMs: InstantMs | null;
}

/** By the dates that the next run will look at, also where nothing has been extracted yet. */
export function partitionStanding(
  input: Omit<PartitionPlanInput, 'runStartedMs'>,
): PartitionStanding {
  const { stream, timeZone, nowMs } = input;
  const partition = alignedPartition(input);
  const open = openDates(partition, lastEventDate(timeZone, nowMs));
  const expiries = open
    .filter((date) => !tailEntry(partition, date).complete)
    .map((date) => sliceTiming(stream.timing, windowOf(date, timeZone)).expiresMs);
  return { open, expiresMs: expiries.length === 0 ? null : Math.min(...expiries) };
}
