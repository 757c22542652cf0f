import { addDays, eventDateAt } from '@traffic-events/slice';
import type { EventDate, InstantMs } from '@traffic-events/slice';
import type { Account } from '@traffic-events/client';
import type { DateRange } from '@traffic-events/source';

import { orderedRange } from '../arguments/ordered-range.ts';
import { ConfigError } from '../config-error.ts';

/** The dates that a run is asked for; ConfigError where no run can fetch any of them yet. */
export function checkedRange(
  startDate: EventDate,
  range: DateRange | undefined,
  { accounts, nowMs }: { readonly accounts: readonly Account[]; readonly nowMs: InstantMs },
): { readonly range?: DateRange } {
  if (range !== undefined) return { range: backfillRange(range, accounts, nowMs) };
  refuseFutureStart(startDate, accounts, nowMs);
  return {};
}

/** Refuses a first date that is still to come: nothing would be extracted until then, in silence. */
export function refuseFutureStart(
  startDate: EventDate,
  accounts: readonly Account[],
  nowMs: InstantMs,
): void {
  const today = latestToday(accounts, nowMs);
  if (startDate <= today) return;
  throw new ConfigError(
    `start_date: ${startDate} is in the future (today is ${today}), and nothing would be extracted until then, while events are gone after 30 days. Write ${today} or an earlier date.`,
  );
}

/** The range of a backfill, up to the last date that is over; refuses one that holds no date. */
function backfillRange(
  range: DateRange,
  accounts: readonly Account[],
  nowMs: InstantMs,
): DateRange {
  const { from, to } = orderedRange(range);
  const last = addDays(latestToday(accounts, nowMs), -1);
  if (from <= last) return { from, to: to < last ? to : last };
  throw new ConfigError(`--from ${from}: the last event date that is over is ${last}.`);
}

/** The latest date that any of the accounts has today, each in its time zone. */
function latestToday(accounts: readonly Account[], nowMs: InstantMs): EventDate {
  const dates = accounts.map(({ timeZone }) => eventDateAt(nowMs, timeZone));
  return dates.reduce((a, b) => (a > b ? a : b), '');
}
