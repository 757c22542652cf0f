import { stringify } from 'csv-stringify/sync';
import { metricsOf, tablesOf } from '@traffic-events/warehouse';
import type { DailyView, TrendDay } from '@traffic-events/warehouse';

/** All that a trend says, as CSV: costs in millicents, shares and rates from 0 to 1. */
export function trendCsv(view: DailyView, days: readonly TrendDay[]): string {
  const metrics = metricsOf(view);
  const rates = Object.keys(view.rates);
  const tables = tablesOf(view);
  const head = [
    'event_date',
    'currency',
    'grain',
    ...metrics,
    ...metrics.map((metric) => `${metric}_suppressed_share`),
    ...rates,
    ...tables.map((table) => `${table}_status`),
  ];
  const rows = days.map(
    ({ eventDate, currency, grain, sums, withheldShares, rates: own, standings }) => [
      eventDate,
      currency,
      grain,
      ...metrics.map((metric) => sums[metric]),
      ...metrics.map((metric) => withheldShares[metric]),
      ...rates.map((rate) => own[rate]),
      ...tables.map((table) => standings[table]),
    ],
  );
  return stringify([head, ...rows], { record_delimiter: 'windows' });
}
