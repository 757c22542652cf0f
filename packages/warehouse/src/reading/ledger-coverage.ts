import { addDays } from '@traffic-events/slice';
import type { EventDate } from '@traffic-events/slice';
import type { CoverageMonth } from './coverage-sql.ts';

/** How a slice stands by the ledger; `provisional` is open with a whole copy. */
export type LedgerStanding = 'whole' | 'frozen' | 'partial' | 'missed' | 'provisional' | 'open';

/** Dates that stand alike, both ends included. */
export interface StandingSpan<Standing = LedgerStanding> {
  readonly from: EventDate;
  readonly to: EventDate;
  readonly standing: Standing;
}

const STANDINGS: Readonly<Record<string, LedgerStanding>> = {
  s: 'whole',
  f: 'frozen',
  p: 'partial',
  m: 'missed',
  v: 'provisional',
  o: 'open',
};

/** Characters of a date in `CoverageMonth.days`: two of the day, one of how it stands. */
const WIDTH = 3;

/** The spans of months in their order. */
export function spansOfMonths(months: readonly CoverageMonth[]): StandingSpan[] {
  const dates = months.flatMap(({ month, days }) =>
    Array.from({ length: days.length / WIDTH }, (_, index): StandingSpan => {
      const at = index * WIDTH;
      const date = `${month}-${days.slice(at, at + 2)}`;
      return { from: date, to: date, standing: STANDINGS[days[at + 2] ?? ''] ?? 'open' };
    }),
  );
  return joinStandings(dates);
}

/** Spans in their order, those put together that follow each other and stand alike. */
export function joinStandings<Standing>(
  spans: Iterable<StandingSpan<Standing>>,
): StandingSpan<Standing>[] {
  const joined: StandingSpan<Standing>[] = [];
  for (const span of spans) {
    const last = joined.at(-1);
    if (last?.standing === span.standing && addDays(last.to, 1) === span.from) {
      joined[joined.length - 1] = { ...last, to: span.to };
    } else {
      joined.push(span);
    }
  }
  return joined;
}
