import { currentView } from '../../views/slice-views.ts';
import type { View, ViewDialect } from '../../views/view-dialect.ts';
import { qualified, quoteLiteral } from '../connection/identifiers.ts';
import { POSTGRES_NAMES } from '../tables/table-sql.ts';

/** How views are written for PostgreSQL, over the tables of one schema. */
export function postgresViews(schema: string): ViewDialect {
  return {
    names: POSTGRES_NAMES,
    types: { text: 'text', integer: 'bigint', number: 'numeric', date: 'date', boolean: 'boolean' },
    qualified: (table) => qualified(schema, table),
    literal: quoteLiteral,
    eachDate: (first, last) =>
      `LATERAL (
       SELECT CAST(day AS date) AS event_date
         FROM generate_series(CAST(${first} AS timestamp), ${last}, interval '1 day') AS day) AS days`,
    beginning: (date, accountId) =>
      `CAST(${date} AS timestamp) AT TIME ZONE coalesce(nullif(split_part(${accountId}, '@', 2), ''), 'UTC')`,
    later: (instant, hours) => `${instant} + (${hours}) * interval '1 hour'`,
  };
}

export function createViewSql(schema: string, { name, query }: View): string {
  return `CREATE OR REPLACE VIEW ${qualified(schema, name)} AS\n${query}`;
}

/** Statement of the view that answers with the best copies behind a loader that keeps them all. */
export function currentViewSql(schema: string, table: string, stream: string): string {
  return createViewSql(schema, currentView(postgresViews(schema), table, stream));
}
