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
  return joinStandings(months.flatMap(spansOfMonth));
}

/** By the days' numbers: dates of years of hundreds of streams are slow to reckon with. */
function spansOfMonth({ month, days }: CoverageMonth): StandingSpan[] {
  const spans: StandingSpan[] = [];
  let next = 0;
  for (let at = 0; at < days.length; at += WIDTH) {
    const day = days.slice(at, at + 2);
    const standing = STANDINGS[days[at + 2] ?? ''] ?? 'open';
    const [to, last] = [`${month}-${day}`, spans.at(-1)];
    if (last?.standing === standing && Number(day) === next) {
      spans[spans.length - 1] = { ...last, to };
    } else {
      spans.push({ from: to, to, standing });
    }
    next = Number(day) + 1;
  }
  return spans;
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
