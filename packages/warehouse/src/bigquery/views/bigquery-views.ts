import { currentView } from '../../views/slice-views.ts';
import type { View, ViewDialect } from '../../views/view-dialect.ts';
import { BIGQUERY_NAMES } from '../tables/names.ts';
import { literal, quote } from '../tables/sql-text.ts';

/** The dataset of the views and of the tables below them. */
export interface ViewPlace {
  readonly project: string;
  readonly dataset: string;
}

/** How views are written for BigQuery. Its queries name the project: theirs may run in another. */
export function bigqueryViews({ project, dataset }: ViewPlace): ViewDialect {
  return {
    names: BIGQUERY_NAMES,
    types: {
      text: 'STRING',
      integer: 'INT64',
      number: 'BIGNUMERIC',
      date: 'DATE',
      boolean: 'BOOL',
    },
    qualified: (table) => quote(`${project}.${dataset}.${table}`),
    literal,
    eachDate: (first, last) => `UNNEST(GENERATE_DATE_ARRAY(${first}, ${last})) AS event_date`,
    beginning: (date, accountId) =>
      `PARSE_TIMESTAMP('%Y-%m-%d', CAST(${date} AS STRING), coalesce(REGEXP_EXTRACT(${accountId}, '@(.+)$'), 'UTC'))`,
    later: (instant, hours) => `TIMESTAMP_ADD(${instant}, INTERVAL ${hours} HOUR)`,
  };
}

/** The statement of a view, and what the catalog says of it. */
export function createViewSql(
  place: ViewPlace,
  { name, description, query }: View,
  labels: Readonly<Record<string, string>> = {},
): string {
  const pairs = Object.entries(labels).map(
    ([label, value]) => `(${literal(label)}, ${literal(value)})`,
  );
  const options = [
    `description = ${literal(description)}`,
    ...(pairs.length === 0 ? [] : [`labels = [${pairs.join(', ')}]`]),
  ];
  return `CREATE OR REPLACE VIEW ${bigqueryViews(place).qualified(name)}
OPTIONS (${options.join(', ')}) AS
${query}`;
}

/** Statement of the view that answers with the best copies behind a loader that keeps them all. */
export function currentViewSql(place: ViewPlace, table: string, stream: string): string {
  return createViewSql(place, currentView(bigqueryViews(place), table, stream));
}
