import { fixtureColumns, fixtureContent } from '../../views/testing/view-fixture.ts';
import { VIEW_CLOCK, VIEW_CURRENCIES } from '../../views/testing/view-cases.ts';
import { warehouseViews } from '../../views/warehouse-views.ts';
import { literal } from '../tables/sql-text.ts';
import { CURRENCIES_TABLE } from '../../tables/naming.ts';
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
      `SELECT ${literal(accountId)} AS account_id, ${literal(currency)} AS currency`,
  );
  const views = warehouseViews(bigqueryViews(place, VIEW_CLOCK), fixtureColumns());
  return [
    ...tables,
    [CURRENCIES_TABLE, currencies.join(' UNION ALL ')],
    ...views.map(({ name, query }): Relation => [name, query]),
  ];
}
