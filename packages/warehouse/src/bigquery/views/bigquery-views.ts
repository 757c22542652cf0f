import { systemClock } from '@traffic-events/client';
import type { Clock } from '@traffic-events/client';
import { isReal } from '../../views/view-time.ts';
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
export function bigqueryViews({ project, dataset }: ViewPlace, clock = systemClock): ViewDialect {
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
    quoted: quote,
    eachDate: (first, last) => `UNNEST(GENERATE_DATE_ARRAY(${first}, ${last})) AS event_date`,
    beginning: (date, accountId) =>
      `PARSE_TIMESTAMP('%Y-%m-%d', CAST(${date} AS STRING), ${zoneOf(accountId)})`,
    later: (instant, hours) => `TIMESTAMP_ADD(${instant}, INTERVAL ${hours} HOUR)`,
    now: nowBy(clock),
    dateAt: (instant, accountId) => `DATE(${instant}, ${zoneOf(accountId)})`,
    dayBefore: (date) => `DATE_SUB(${date}, INTERVAL 1 DAY)`,
    daysBetween: (instant, other) =>
      `ROUND(CAST(TIMESTAMP_DIFF(${other}, ${instant}, SECOND) AS BIGNUMERIC) / 86400, 2)`,
  };
}

function zoneOf(accountId: string): string {
  return `coalesce(REGEXP_EXTRACT(${accountId}, '@(.+)$'), 'UTC')`;
}

/** The service's time; or simulated time, reckoned from it. */
function nowBy({ origin }: Clock): string {
  if (origin === undefined || isReal(origin)) return 'CURRENT_TIMESTAMP()';
  const [simulated, real] = [origin.originMs, origin.wallOriginMs].map(
    (ms) => `TIMESTAMP '${new Date(ms).toISOString()}'`,
  );
  const passed = `TIMESTAMP_DIFF(CURRENT_TIMESTAMP(), ${real}, MILLISECOND) * ${origin.scale}`;
  return `TIMESTAMP_ADD(${simulated}, INTERVAL CAST(${passed} AS INT64) MILLISECOND)`;
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
