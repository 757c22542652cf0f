import { addDays, datesBetween } from '@traffic-events/slice';
import type { EventDate, InstantMs } from '@traffic-events/slice';

/** Hour of the day, UTC, at which the demo syncs. */
const SYNC_HOUR = 6;

/** Events arrive up to 72 hours late: the sync of the fourth morning finds a date settled. */
const DAYS_TO_SETTLE = 4;

/** When the demo syncs: every morning from the day after the first date until all are settled. */
export function syncInstants(first: EventDate, last: EventDate): InstantMs[] {
  return [...datesBetween(addDays(first, 1), addDays(last, DAYS_TO_SETTLE))].map(
    (date) => Date.parse(`${date}T00:00:00Z`) + SYNC_HOUR * 3_600_000,
  );
}
