import type { EventDate } from '@traffic-events/slice';
import { shortDecimal } from '../tables/short-decimal.ts';
import { metricsOf, tablesOf } from '../views/daily-view.ts';
import type { DailyView, Rate } from '../views/daily-view.ts';
import { numberOf } from './text-values.ts';
import type { TrendTexts } from './trend-sql.ts';

/** What a daily view says of one date. */
export interface TrendDay {
  readonly eventDate: EventDate;
  readonly currency: string | null;
  /** At which the date is read: `account`, `campaign` or `fine`; null where nothing is held. */
  readonly grain: string | null;
  /** Sums by metric, digits as they are; null where none is known. Costs are in millicents. */
  readonly sums: Readonly<Record<string, string | null>>;
  /** Share of the account's date that is withheld, by metric, 0 to 1. */
  readonly withheldShares: Readonly<Record<string, number | null>>;
  /** By rate of the view, 0 to 1. */
  readonly rates: Readonly<Record<string, number | null>>;
  /** How each source's slice stands by the ledger; null where it does not know it. */
  readonly standings: Readonly<Record<string, string | null>>;
}

export function trendDay(view: DailyView, row: TrendTexts): TrendDay {
  const metrics = metricsOf(view);
  const sums = Object.fromEntries(metrics.map((name, at) => [name, digitsOf(row[`m${at}`])]));
  const shares = metrics.map((name, at) => [name, numberOf(row[`s${at}`])]);
  const standings = tablesOf(view).map((table, at) => [table, row[`t${at}`] ?? null]);
  const rates = Object.entries(view.rates).map(([name, rate]) => [name, rateOf(rate, sums)]);
  return {
    eventDate: row.event_date,
    currency: row['currency'] ?? null,
    grain: row['grain'] || null,
    sums,
    withheldShares: Object.fromEntries(shares),
    rates: Object.fromEntries(rates),
    standings: Object.fromEntries(standings),
  };
}

/** Null where a sum is not known, or there is nothing to divide by. */
function rateOf(rate: Rate, sums: TrendDay['sums']): number | null {
  const { plus, minus = [] } = rate.denominator;
  const counted = rate.of === 'share' ? [...plus, rate.numerator] : plus;
  const values = [rate.numerator, ...counted, ...minus].map((name) => numberOf(sums[name]));
  if (values.includes(null)) return null;
  const of = (names: readonly string[]) => names.reduce((sum, name) => sum + Number(sums[name]), 0);
  const denominator = of(counted) - of(minus);
  return denominator === 0 ? null : of([rate.numerator]) / denominator;
}

function digitsOf(text: string | null | undefined): string | null {
  return text === null || text === undefined ? null : shortDecimal(text);
}
