import { systemClock } from '@traffic-events/client';
import type { Clock } from '@traffic-events/client';
import { isReal } from '../../views/view-time.ts';
import { currentView } from '../../views/slice-views.ts';
import type { View, ViewDialect } from '../../views/view-dialect.ts';
import { qualified, quote, quoteLiteral } from '../connection/identifiers.ts';
import { POSTGRES_NAMES } from '../tables/table-sql.ts';

/** How views are written for PostgreSQL, over the tables of one schema. They tell the time by `clock`. */
export function postgresViews(schema: string, clock: Clock): ViewDialect {
  return {
    names: POSTGRES_NAMES,
    types: { text: 'text', integer: 'bigint', number: 'numeric', date: 'date', boolean: 'boolean' },
    qualified: (table) => qualified(schema, table),
    literal: quoteLiteral,
    quoted: quote,
    eachDate: (first, last) =>
      `LATERAL (
       SELECT CAST(day AS date) AS event_date
         FROM generate_series(CAST(${first} AS timestamp), ${last}, interval '1 day') AS day) AS days`,
    beginning: (date, accountId) => `CAST(${date} AS timestamp) AT TIME ZONE ${zoneOf(accountId)}`,
    later: (instant, hours) => `${instant} + (${hours}) * interval '1 hour'`,
    now: nowBy(clock),
    dateAt: (instant, accountId) => `CAST(${instant} AT TIME ZONE ${zoneOf(accountId)} AS date)`,
    dayBefore: (date) => `${date} - 1`,
    daysBetween: (instant, other) =>
      `round(extract(epoch FROM ${other} - (${instant})) / 86400, 2)`,
  };
}

/** Where a zone is an offset, PostgreSQL takes its sign in the sense of POSIX: west is positive. */
function zoneOf(accountId: string): string {
  const zone = `coalesce(nullif(split_part(${accountId}, '@', 2), ''), 'UTC')`;
  return `(CASE WHEN ${zone} ~ '^[+-]' THEN translate(${zone}, '+-', '-+') ELSE ${zone} END)`;
}

/** The server's time; or simulated time, reckoned from it. */
function nowBy({ origin }: Clock): string {
  if (origin === undefined || isReal(origin)) return 'now()';
  const [simulated, real] = [origin.originMs, origin.wallOriginMs].map(
    (ms) => `TIMESTAMPTZ '${new Date(ms).toISOString()}'`,
  );
  return `(${simulated} + (now() - ${real}) * ${origin.scale})`;
}

export function createViewSql(schema: string, { name, query }: View): string {
  return `CREATE OR REPLACE VIEW ${qualified(schema, name)} AS\n${query}`;
}

/** Statement of the view that answers with the best copies behind a loader that keeps them all. */
export function currentViewSql(schema: string, table: string, stream: string): string {
  return createViewSql(schema, currentView(postgresViews(schema, systemClock), table, stream));
}
