import { dataSource } from '@traffic-events/client';
import type { DataSourceName } from '@traffic-events/client';
import type { SimulatedAccount } from '../accounts/account.ts';
import type { Database } from '../database/database.ts';
import { RETENTION_MS } from '../executions/query-runner.ts';

export interface TruthQuestion {
  readonly account: SimulatedAccount;
  readonly dataSource: DataSourceName;
  /** Event dates, both included, `YYYY-MM-DD`. */
  readonly from: string;
  readonly to: string;
  readonly asOfMs: number;
  /** Zone of the event dates. */
  readonly timeZone: string;
}

/** What really happened on an event date. Sums are decimal text, by metric. */
export interface TruthRow {
  readonly event_date: string;
  /** Of the events that had arrived, whether expired or not. */
  readonly totals: Readonly<Record<string, string>>;
  /** Of those, the ones that had not expired: what the API could answer. */
  readonly answerable: Readonly<Record<string, string>>;
  /** The date is over, all of its events had arrived, and none had expired. */
  readonly whole: boolean;
}

/**
 * The real totals by event date, from the raw events by SQL of its own: it shares nothing with the
 * query path that it is there to check. A row for every date, also for those without events.
 */
export async function truth(database: Database, question: TruthQuestion): Promise<TruthRow[]> {
  const metrics = dataSource(question.dataSource)
    .columns.filter((column) => column.role === 'metric')
    .map((column) => column.name);
  const table = await question.account.rows(question.dataSource);
  const rows = await database.rows(truthSql(table, metrics), {
    from_date: question.from,
    to_date: question.to,
    zone: question.timeZone,
    as_of: sqlInstant(question.asOfMs),
    retained_from: sqlInstant(question.asOfMs - RETENTION_MS),
  });
  const sums = (cells: readonly unknown[]) =>
    Object.fromEntries(metrics.map((metric, index) => [metric, String(cells[index])]));
  return rows.map(([date, whole, ...cells]) => ({
    event_date: String(date),
    totals: sums(cells),
    answerable: sums(cells.slice(metrics.length)),
    whole: whole === true,
  }));
}

function truthSql(table: string, metrics: readonly string[]): string {
  const arrived = metrics.map((metric) => sumSql(metric, 'arrived'));
  const answerable = metrics.map((metric) => sumSql(metric, 'arrived AND retained'));
  return `
    WITH dates AS (
      SELECT CAST(unnest(generate_series($from_date::DATE, $to_date::DATE, INTERVAL 1 DAY)) AS DATE) AS event_date
    ), events AS (
      SELECT CAST(timezone($zone, timezone('UTC', event_at)) AS DATE) AS event_date,
        arrived_at <= $as_of::TIMESTAMP AS arrived, arrived_at >= $retained_from::TIMESTAMP AS retained,
        ${metrics.join(', ')}
      FROM ${table}
      WHERE event_at >= $from_date::TIMESTAMP - INTERVAL 1 DAY
        AND event_at < $to_date::TIMESTAMP + INTERVAL 2 DAY
    )
    SELECT CAST(event_date AS VARCHAR),
      timezone('UTC', timezone($zone, CAST(event_date + 1 AS TIMESTAMP))) <= $as_of::TIMESTAMP
        AND coalesce(bool_and(arrived AND retained), TRUE),
      ${[...arrived, ...answerable].join(', ')}
    FROM dates LEFT JOIN events USING (event_date) GROUP BY event_date ORDER BY event_date`;
}

function sumSql(metric: string, condition: string): string {
  return `CAST(coalesce(sum(${metric}) FILTER (${condition}), 0) AS VARCHAR)`;
}

function sqlInstant(ms: number): string {
  return new Date(ms).toISOString().slice(0, 23).replace('T', ' ');
}
