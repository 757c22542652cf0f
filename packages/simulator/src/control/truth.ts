import { dataSource, dataSources } from '@traffic-events/client';
import type { DataSourceName } from '@traffic-events/client';
import type { SimulatedAccount } from '../accounts/account.ts';
import type { Database } from '../database/database.ts';
import { isTimeColumn } from '../events/source-columns.ts';
import { REPORT_DIMENSIONS, REPORT_TABLES } from '../events/report-tables.ts';
import type { ReportTable } from '../events/report-tables.ts';
import { RETENTION_MS } from '../executions/query-runner.ts';
import { SimulatorSettingsError } from '../settings/simulator-settings-error.ts';

/** What there is a truth of: the tables that queries reach, and those behind the reports. */
export const TRUTH_SOURCES = [...dataSources.map(({ name }) => name), ...REPORT_TABLES] as const;

export type TruthSource = DataSourceName | ReportTable;

export interface TruthQuestion {
  readonly account: SimulatedAccount;
  readonly dataSource: TruthSource;
  /** Event dates, both included, `YYYY-MM-DD`. */
  readonly from: string;
  readonly to: string;
  readonly asOfMs: number;
  /** Zone of the event dates. */
  readonly timeZone: string;
  /** Dimensions to tell apart; without one a row is a whole date. */
  readonly by?: readonly string[] | undefined;
}

/** What really happened on an event date. Sums are decimal text, by metric. */
export interface TruthRow {
  readonly event_date: string;
  /** Values of the dimensions that were asked for; null where the event has none. */
  readonly by: Readonly<Record<string, string | null>>;
  /** Of the events that had arrived, whether expired or not. */
  readonly totals: Readonly<Record<string, string>>;
  /** Of those, the ones that had not expired: what the API could answer. */
  readonly answerable: Readonly<Record<string, string>>;
  /** The date is over, all of its events had arrived, and none had expired. */
  readonly whole: boolean;
}

/** The events of a source, each with whether it had arrived and had not expired. */
interface EventRows {
  readonly sql: string;
  readonly dimensions: readonly string[];
  readonly metrics: readonly string[];
}

/**
 * The real totals by event date, from the raw events by SQL of its own: it shares nothing with the
 * query path that it is there to check, and nothing is withheld. A row for every date, also for
 * those without events.
 */
export async function truth(database: Database, question: TruthQuestion): Promise<TruthRow[]> {
  const source = await eventRows(question);
  const by = knownDimensions(question, source);
  const { metrics } = source;
  const rows = await database.rows(truthSql(source, by), {
    from_date: question.from,
    to_date: question.to,
    zone: question.timeZone,
    as_of: sqlInstant(question.asOfMs),
    retained_from: sqlInstant(retainedFromMs(question)),
  });
  const sums = (cells: readonly unknown[]) =>
    Object.fromEntries(metrics.map((metric, index) => [metric, String(cells[index])]));
  return rows.map(([date, whole, ...cells]) => ({
    event_date: String(date),
    by: Object.fromEntries(by.map((name, index) => [name, cells[index] as string | null])),
    totals: sums(cells.slice(by.length)),
    answerable: sums(cells.slice(by.length + metrics.length)),
    whole: whole === true,
  }));
}

/** Pages can be had for twelve months, everything else for thirty days. */
function retainedFromMs({ dataSource: name, asOfMs }: TruthQuestion): number {
  if (name !== 'page_url_report') return asOfMs - RETENTION_MS;
  return new Date(asOfMs).setUTCMonth(new Date(asOfMs).getUTCMonth() - 12);
}

function knownDimensions(
  { dataSource: name, by = [] }: TruthQuestion,
  { dimensions }: EventRows,
): readonly string[] {
  const unknown = by.find((asked) => !dimensions.includes(asked));
  if (unknown === undefined) return by;
  throw new SimulatorSettingsError(
    `by: ${name} has no dimension '${unknown}'; it has ${dimensions.join(', ')}`,
  );
}

async function eventRows({ account, dataSource: name }: TruthQuestion): Promise<EventRows> {
  if (name === 'ivt_report' || name === 'page_url_report') {
    return reportRows(name, await account.tables.rows('reports'));
  }
  const { columns } = dataSource(name);
  const of = (role: 'dimension' | 'metric') =>
    columns.filter((column) => column.role === role).map((column) => column.name);
  const dimensions = of('dimension').filter((column) => !isTimeColumn(column));
  const metrics = of('metric');
  return {
    dimensions,
    metrics,
    sql: `SELECT event_at, arrived_at <= $as_of::TIMESTAMP AS arrived,
        arrived_at >= $retained_from::TIMESTAMP AS retained, ${[...dimensions, ...metrics].join(', ')}
      FROM ${await account.rows(name)}`,
  };
}

/** What the vendors have found by then, and on which pages: API.md 1.4. */
function reportRows(name: ReportTable, table: string): EventRows {
  if (name === 'page_url_report') {
    return {
      dimensions: [...REPORT_DIMENSIONS, 'page_url'],
      metrics: ['impressions'],
      sql: `SELECT *, least(arrived_at, event_at + INTERVAL 2 DAY) <= $as_of::TIMESTAMP AS arrived,
          event_at >= greatest($retained_from::TIMESTAMP, TIMESTAMP '2025-02-14') AS retained,
          concat('https://', site, '.example/articles/', page) AS page_url, 1 AS impressions
        FROM ${table}`,
    };
  }
  return {
    dimensions: REPORT_DIMENSIONS,
    metrics: ['impressions', 'adloox_invalid_impressions', 'ias_invalid_impressions'],
    sql: `SELECT *, arrived_at <= $as_of::TIMESTAMP AS arrived,
        arrived_at >= $retained_from::TIMESTAMP AS retained, 1 AS impressions,
        ${found('adloox')} AS adloox_invalid_impressions, ${found('ias')} AS ias_invalid_impressions
      FROM ${table}`,
  };
}

/** Vendors find an impression invalid some time after it. */
function found(vendor: string): string {
  return `CAST(${vendor}_invalid AND ${vendor}_at <= $as_of::TIMESTAMP AS INTEGER)`;
}

function truthSql({ sql, metrics }: EventRows, by: readonly string[]): string {
  const arrived = metrics.map((metric) => sumSql(metric, 'arrived'));
  const answerable = metrics.map((metric) => sumSql(metric, 'arrived AND retained'));
  const apart = by.map((name) => `, ${name}`).join('');
  const texts = by.map((name) => `CAST(${name} AS VARCHAR)`);
  return `
    WITH dates AS (
      SELECT CAST(unnest(generate_series($from_date::DATE, $to_date::DATE, INTERVAL 1 DAY)) AS DATE) AS event_date
    ), events AS (
      SELECT CAST(timezone($zone, timezone('UTC', event_at)) AS DATE) AS event_date,
        arrived, retained, ${metrics.join(', ')}${apart}
      FROM (${sql})
      WHERE event_at >= $from_date::TIMESTAMP - INTERVAL 1 DAY
        AND event_at < $to_date::TIMESTAMP + INTERVAL 2 DAY
    )
    SELECT CAST(event_date AS VARCHAR),
      timezone('UTC', timezone($zone, CAST(event_date + 1 AS TIMESTAMP))) <= $as_of::TIMESTAMP
        AND coalesce(bool_and(arrived AND retained), TRUE),
      ${[...texts, ...arrived, ...answerable].join(', ')}
    FROM dates LEFT JOIN events USING (event_date)
    GROUP BY event_date${apart} ORDER BY event_date${apart}`;
}

function sumSql(metric: string, condition: string): string {
  return `CAST(coalesce(sum(${metric}) FILTER (${condition}), 0) AS VARCHAR)`;
}

function sqlInstant(ms: number): string {
  return new Date(ms).toISOString().slice(0, 23).replace('T', ' ');
}
