import { parseAccountId, spansOf, withoutSpan } from '@traffic-events/slice';
import type { DateSpan, EventDate, InstantMs } from '@traffic-events/slice';
import { lastEventDate } from '@traffic-events/source';
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
  return lastEventDate(parseAccountId(accountId)?.timeZone ?? 'UTC', nowMs);
}

/** What is open by the state, and how everything else stands by the ledger: span by span, as there are years. */
export function calendarOf(
  ledger: readonly StandingSpan[],
  open: readonly OpenStanding[],
): Calendar {
  const opened = spansOf(open.map(({ eventDate }) => eventDate));
  const told = ledger.flatMap(({ from, to, standing }) =>
    opened
      .filter(([first, last]) => first <= to && from <= last)
      .reduce((left: DateSpan[], span) => withoutSpan(left, span), [[from, to]])
      .map(([first, last]) => ({ from: first, to: last, standing })),
  );
  const own = open.map((each) => ({
    from: each.eventDate,
    to: each.eventDate,
    standing: openStandingOf(each),
  }));
  const spans: StandingSpan<DateStanding>[] = [...told, ...own];
  return joinStandings(spans.sort((one, other) => (one.from < other.from ? -1 : 1)));
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
