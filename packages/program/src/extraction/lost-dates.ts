import { accountKey } from '@traffic-events/client';
import type { Account } from '@traffic-events/client';
import { addDays } from '@traffic-events/slice';
import type { EventDate, InstantMs } from '@traffic-events/slice';
import { firstReachableDate, withStreams } from '@traffic-events/source';
import type { DateRange, RunSummary, StreamDefinition } from '@traffic-events/source';

/** Dates from start_date on that no run can fetch any more, and the streams that they are lost of. */
export interface LostDates extends DateRange {
  readonly accountId: string;
  readonly streams: readonly string[];
}

/** Where the first date wanted is of old: what a first run could not have. */
export function lostDates(
  startDate: EventDate,
  of: {
    readonly accounts: readonly Account[];
    readonly streams: readonly StreamDefinition[];
    readonly nowMs: InstantMs;
  },
): LostDates[] {
  const ranges = of.accounts.flatMap((account) =>
    [...withStreams(account, of.streams).streams.values()].map(({ definition }) => ({
      accountId: accountKey(account),
      stream: definition.name,
      from: startDate,
      to: addDays(firstReachableDate(definition.timing, account.timeZone ?? 'UTC', of.nowMs), -1),
    })),
  );
  return byRange(ranges.filter(({ from, to }) => from <= to));
}

/** One entry where several streams of an account have lost the same dates. */
export function byRange(ranges: RunSummary['beforeStart']): LostDates[] {
  const groups = Map.groupBy(ranges, ({ accountId, from, to }) => `${accountId} ${from} ${to}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { accountId, from, to } = first;
    return [{ accountId, from, to, streams: group.map(({ stream }) => stream) }];
  });
}

/** For people. */
export function describeLostDates(lost: readonly LostDates[]): string[] {
  return lost.map(
    ({ accountId, from, to, streams }) =>
      `${from} to ${to} of ${accountId} cannot be had: the API no longer has them (${streams.join(', ')}).`,
  );
}
