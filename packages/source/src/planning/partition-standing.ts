import { parseAccountId, windowOf } from '@traffic-events/slice';
import type { EventDate, InstantMs, PartitionState } from '@traffic-events/slice';

import { openDates, tailEntry } from '../state/partition.ts';
import { isAtRisk } from './patience.ts';
import { alignedPartition, lastEventDate } from './plan-partition.ts';
import type { PartitionPlanInput } from './plan-partition.ts';
import { EVENT_TIMING, sliceTiming } from '../streams/timing.ts';
import type { StreamTiming } from '../streams/timing.ts';

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
  const { stream, accountId, nowMs } = input;
  const standings = openStandings({ accountId, state: alignedPartition(input) }, nowMs, stream);
  const expiries = standings.filter(({ isComplete }) => !isComplete);
  return {
    open: standings.map(({ eventDate }) => eventDate),
    expiresMs: expiries.length === 0 ? null : Math.min(...expiries.map((each) => each.expiresMs)),
  };
}

/** An open date, and how long a whole copy of it can be had. */
export interface OpenStanding {
  readonly eventDate: EventDate;
  /** A copy of which nothing had expired is held. */
  readonly isComplete: boolean;
  /** From here on no complete copy can be had. */
  readonly expiresMs: InstantMs;
  /** There is no complete copy, and less than 48 hours remain to make one, or none. */
  readonly isAtRisk: boolean;
}

/** Every open date up to yesterday by the account's clock; of streams that are not known as of most. */
export function openStandings(
  { accountId, state }: { readonly accountId: string; readonly state: PartitionState },
  nowMs: InstantMs,
  stream: { readonly timing: StreamTiming } = { timing: EVENT_TIMING },
): OpenStanding[] {
  const timeZone = parseAccountId(accountId)?.timeZone ?? 'UTC';
  return openDates(state, lastEventDate(timeZone, nowMs)).map((eventDate) => {
    const entry = tailEntry(state, eventDate);
    const timing = sliceTiming(stream.timing, windowOf(eventDate, timeZone));
    const hasBegun = !entry.complete && timing.expiresMs <= nowMs;
    return {
      eventDate,
      isComplete: entry.complete,
      expiresMs: timing.expiresMs,
      isAtRisk: isAtRisk({ entry, timing, nowMs }) || hasBegun,
    };
  });
}
