import { systemClock } from '@traffic-events/client';
import type { ExchangeRate } from '../../views/exchange-rate.ts';
import { BigQueryConnection } from '../jobs/bigquery-connection.ts';
import type { BigQuerySettings } from '../jobs/bigquery-settings.ts';
import { RATES_TABLE } from '../../tables/naming.ts';
import { literal } from '../tables/sql-text.ts';
import { StreamTables } from '../tables/stream-tables.ts';
import { bigqueryViews } from './bigquery-views.ts';
import type { ViewPlace } from './bigquery-views.ts';

/** Of the bytes that a statement may have, 1 MB, these rows take a tenth. */
const ROWS_PER_STATEMENT = 1000;

/** Keeps rates, as many at once as a statement takes; a repeated call ends what a broken one began. */
export async function putExchangeRates(
  settings: BigQuerySettings,
  rates: readonly ExchangeRate[],
): Promise<void> {
  const connection = new BigQueryConnection({ settings });
  const tables = new StreamTables({
    connection,
    options: {},
    location: settings.location,
    clock: systemClock,
    viewClock: systemClock,
  });
  await tables.ensureBookkeeping();
  for (let first = 0; first < rates.length; first += ROWS_PER_STATEMENT) {
    const some = rates.slice(first, first + ROWS_PER_STATEMENT);
    const identity = [crypto.randomUUID()];
    await connection.execute({ kind: 'alter', identity }, putRatesSql(settings, some));
  }
}

/** One statement, so all of them or none. */
export function putRatesSql(place: ViewPlace, rates: readonly ExchangeRate[]): string {
  const rows = rates.map(
    ({ date, from, to, rate, publishedOn }) =>
      `(DATE '${date}', ${literal(from)}, ${literal(to)}, BIGNUMERIC '${rate}', DATE '${publishedOn}')`,
  );
  return `MERGE ${bigqueryViews(place).qualified(RATES_TABLE)} AS held
USING (SELECT * FROM UNNEST(ARRAY<STRUCT<rate_date DATE, from_currency STRING, to_currency STRING, rate BIGNUMERIC, published_on DATE>>[
  ${rows.join(',\n  ')}])) AS given
   ON held.rate_date = given.rate_date AND held.from_currency = given.from_currency AND held.to_currency = given.to_currency
 WHEN MATCHED THEN UPDATE SET rate = given.rate, published_on = given.published_on
 WHEN NOT MATCHED THEN INSERT (rate_date, from_currency, to_currency, rate, published_on)
   VALUES (given.rate_date, given.from_currency, given.to_currency, given.rate, given.published_on)`;
}
