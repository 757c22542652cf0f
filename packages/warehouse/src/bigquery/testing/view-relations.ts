import { fixtureColumns, fixtureContent } from '../../views/testing/view-fixture.ts';
import { VIEW_CLOCK, VIEW_CURRENCIES, VIEW_RATES } from '../../views/testing/view-cases.ts';
import { warehouseViews } from '../../views/warehouse-views.ts';
import { literal } from '../tables/sql-text.ts';
import { CURRENCIES_TABLE, RATES_TABLE } from '../../tables/naming.ts';
import { bigqueryViews } from '../views/bigquery-views.ts';
import type { ViewPlace } from '../views/bigquery-views.ts';

type Relation = readonly [name: string, query: string];

/** The tables of the views' fixture, each as a query that has its rows; and the views, as they are made. */
export function fixtureRelations(place: ViewPlace): Relation[] {
  const tables = fixtureContent().map(({ table, columns, rows }): Relation => {
    const types = columns.map(([name, type]) => `CAST(NULL AS ${type}) AS ${name}`);
    const selects = rows.map((cells) => `SELECT ${cells.join(', ')}`);
    return [
      table,
      `SELECT * FROM (SELECT ${types.join(', ')} LIMIT 0) UNION ALL ${selects.join(' UNION ALL ')}`,
    ];
  });
  const currencies = Object.entries(VIEW_CURRENCIES).map(
    ([accountId, currency]) =>
      `SELECT ${literal(accountId)} AS account_id, ${literal(currency)} AS currency, 'USD' AS reporting_currency`,
  );
  const rates = (VIEW_RATES.at(-1) ?? []).map(
    ({ date, from, to, rate }) =>
      `SELECT DATE '${date}' AS rate_date, ${literal(from)} AS from_currency, ${literal(to)} AS to_currency, BIGNUMERIC '${rate}' AS rate`,
  );
  const views = warehouseViews(bigqueryViews(place, VIEW_CLOCK), fixtureColumns());
  return [
    ...tables,
    [CURRENCIES_TABLE, currencies.join(' UNION ALL ')],
    [RATES_TABLE, rates.join(' UNION ALL ')],
    ...views.map(({ name, query }): Relation => [name, query]),
  ];
}
