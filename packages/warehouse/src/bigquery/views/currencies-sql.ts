import { literal } from '../tables/sql-text.ts';
import { CURRENCIES_TABLE } from '../../tables/naming.ts';
import { bigqueryViews } from './bigquery-views.ts';
import type { ViewPlace } from './bigquery-views.ts';

/** Sets the currencies of accounts; those of others stay. One statement, so all of them or none. */
export function setCurrenciesSql(
  place: ViewPlace,
  currencies: readonly (readonly [accountId: string, currency: string])[],
): string {
  const given = currencies.map(
    ([accountId, currency]) =>
      `SELECT ${literal(accountId)} AS account_id, ${literal(currency)} AS currency`,
  );
  return `MERGE ${bigqueryViews(place).qualified(CURRENCIES_TABLE)} AS held
USING (${given.join(' UNION ALL ')}) AS given
   ON held.account_id = given.account_id
 WHEN MATCHED THEN UPDATE SET currency = given.currency
 WHEN NOT MATCHED THEN INSERT (account_id, currency) VALUES (given.account_id, given.currency)`;
}

export function setReportingCurrencySql(place: ViewPlace, currency: string): string {
  return `UPDATE ${bigqueryViews(place).qualified(CURRENCIES_TABLE)} SET reporting_currency = ${literal(currency)} WHERE TRUE`;
}
