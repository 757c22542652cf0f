import { CURRENCIES_TABLE, RATES_TABLE } from '../tables/naming.ts';
import type { DailyView } from './daily-view.ts';
import type { ViewDialect } from './view-dialect.ts';

const MILLICENTS = 100_000;

/** What views of days join for money. Rates stand by their dates and currencies: a row has one at most. */
export function currencyJoins(dialect: ViewDialect, { costs }: DailyView, days: string): string {
  const currencies = `
  LEFT JOIN ${dialect.qualified(CURRENCIES_TABLE)} AS currencies
    ON currencies.account_id = ${days}.account_id`;
  if (costs.length === 0) return currencies;
  return `${currencies}
  LEFT JOIN ${dialect.qualified(RATES_TABLE)} AS rates
    ON rates.rate_date = ${days}.event_date
   AND rates.from_currency = currencies.currency
   AND rates.to_currency = currencies.reporting_currency`;
}

export function inCurrency(costs: readonly string[]): string[] {
  return costs.map(
    (cost) =>
      `CASE WHEN currency IS NOT NULL THEN ${cost} / ${MILLICENTS} END AS ${cost}_in_currency`,
  );
}

/** NULL where the rate is not known, which `currency` beside it shows. */
export function inReportingCurrency(costs: readonly string[]): string[] {
  if (costs.length === 0) return [];
  const rate = 'CASE WHEN currency = reporting_currency THEN 1 ELSE rate END';
  return [
    'reporting_currency',
    `${rate} AS exchange_rate`,
    ...costs.map((cost) => `${cost} / ${MILLICENTS} * (${rate}) AS ${cost}_in_reporting_currency`),
  ];
}
