import { addDays, datesBetween, describeRange } from '@traffic-events/slice';
import type { EventDate, PartitionState } from '@traffic-events/slice';

/** A partition of the state that a tap was given. */
export interface ClaimedPartition {
  readonly stream: string;
  readonly accountId: string;
  readonly state: PartitionState;
}

/** Dates of a stream and account that the ledger has something about, failures apart. */
export type KnownDates = (stream: string, accountId: string) => ReadonlySet<EventDate>;

/**
 * What the state claims and the ledger does not know, as ranges for people:
 * `dsp_clicks DE:dsp:1234 2026-01-01 to 2026-01-05`. Empty when the warehouse has all of it.
 */
export function missingClaims(
  partitions: readonly ClaimedPartition[],
  known: KnownDates,
): string[] {
  return partitions.flatMap((partition) => {
    const dates = known(partition.stream, partition.accountId);
    const missing = claimedDates(partition.state).filter((date) => !dates.has(date));
    return ranges(missing).map(
      ([from, to]) => `${partition.stream} ${partition.accountId} ${describeRange(from, to)}`,
    );
  });
}

/** Every closed date up to the bookmark, and every later one that a copy is said to be held of. */
function claimedDates(state: PartitionState): EventDate[] {
  const closed = state.bookmark === null ? [] : [...datesBetween(state.since, state.bookmark)];
  const held = Object.entries(state.tail)
    .filter(([, entry]) => entry.execution_id !== null || entry.status !== 'open')
    .map(([date]) => date);
  return [...new Set([...closed, ...held])].sort();
}

function ranges(dates: readonly EventDate[]): [EventDate, EventDate][] {
  const found: [EventDate, EventDate][] = [];
  for (const date of dates) {
    const last = found.at(-1);
    if (last !== undefined && addDays(last[1], 1) === date) last[1] = date;
    else found.push([date, date]);
  }
  return found;
}
