import { addDays, datesBetween, eventDateAt, parseAccountId } from '@traffic-events/slice';
import type { EventDate, InstantMs } from '@traffic-events/slice';
import type { OpenStanding } from '@traffic-events/source';
import { joinStandings } from '@traffic-events/warehouse';
import type { StandingSpan } from '@traffic-events/warehouse';

/**
 * How an event date stands: `whole` is settled; `provisional` has a whole copy that may still become
 * a better one; `open` is still to come; `at_risk` is open with less than 48 hours left; `frozen`
 * closed on a copy that had not settled, `partial` on a part, and `missed` on nothing.
 */
export const DATE_STANDINGS = [
  'whole',
  'provisional',
  'open',
  'at_risk',
  'frozen',
  'partial',
  'missed',
] as const;
export type DateStanding = (typeof DATE_STANDINGS)[number];

/** Dates that stand alike, earliest first; dates that are in none were never asked for. */
export type Calendar = readonly StandingSpan<DateStanding>[];

/** The last event date that is over by the account's clock. */
export function yesterdayOf(accountId: string, nowMs: InstantMs): EventDate {
  return addDays(eventDateAt(nowMs, parseAccountId(accountId)?.timeZone), -1);
}

/** What is open by the state, and how everything else stands by the ledger. */
export function calendarOf(
  ledger: readonly StandingSpan[],
  open: readonly OpenStanding[],
): Calendar {
  const standings = new Map<EventDate, DateStanding>();
  for (const { from, to, standing } of ledger) {
    for (const date of datesBetween(from, to)) standings.set(date, standing);
  }
  for (const each of open) standings.set(each.eventDate, openStandingOf(each));
  const dates = [...standings].sort(([a], [b]) => (a < b ? -1 : 1));
  return joinStandings(dates.map(([date, standing]) => ({ from: date, to: date, standing })));
}

function openStandingOf({ isAtRisk, isComplete }: OpenStanding): DateStanding {
  if (isAtRisk) return 'at_risk';
  return isComplete ? 'provisional' : 'open';
}

/** How a date stands; undefined where it was never asked for. */
export function standingAt(calendar: Calendar, date: EventDate): DateStanding | undefined {
  return calendar.findLast(({ from, to }) => from <= date && date <= to)?.standing;
}

export function newestWhole(calendar: Calendar): EventDate | null {
  return calendar.findLast(({ standing }) => standing === 'whole')?.to ?? null;
}
