import { LEDGER_STREAM } from '@traffic-events/slice';
import type { WarehouseReader } from '../audit/warehouse-reader.ts';
import { IS_HOLDING } from '../slices/status-sql.ts';
import { standingSql } from '../views/standing-sql.ts';

type Dialect = Pick<WarehouseReader, 'dialect'>;

/** Of how many of its newest results a stream's mean suppressed share is. */
const SHARE_DATES = 28;

/** A month of one stream and account: for each date its day of the month and a letter. */
export interface CoverageMonth {
  readonly stream: string;
  readonly account_id: string;
  /** `2026-01` */
  readonly month: string;
  readonly days: string;
}

/** How a slice stands by the ledger: a letter each. `v` is open with a whole copy, `o` without. */
const CODE = `CASE status WHEN 'settled' THEN 's' WHEN 'frozen' THEN 'f' WHEN 'partial' THEN 'p'
            WHEN 'missed' THEN 'm' ELSE CASE WHEN coalesce(complete, false) THEN 'v' ELSE 'o' END END`;

/** How each slice stands, a month a row: two years of hundreds of streams are read at once. */
export function coverageSql({ dialect }: Dialect): string {
  const date = `CAST(event_date AS ${dialect.types.text})`;
  return `SELECT stream, account_id, month, STRING_AGG(day, '' ORDER BY day) AS days
  FROM (
    SELECT stream, account_id, substr(${date}, 1, 7) AS month,
           concat(substr(${date}, 9, 2), ${CODE}) AS day
      FROM (${standingSql(dialect, ['status', 'complete'])}) AS standing) AS days
 GROUP BY stream, account_id, month
 ORDER BY account_id, stream, month`;
}

/** What else the ledger says of a stream and account, as text. */
export interface LedgerFacts {
  readonly stream: string;
  readonly account_id: string;
  readonly last_success: string | null;
  readonly suppressed_share: string | null;
}

export function factsSql({ dialect }: Dialect): string {
  const text = (expression: string) => `CAST(${expression} AS ${dialect.types.text})`;
  return `SELECT stream, account_id, ${text('max(recorded_at)')} AS last_success,
       ${text(`avg(CASE WHEN place <= ${SHARE_DATES} THEN suppressed_share END)`)} AS suppressed_share
  FROM (
    SELECT stream, account_id, recorded_at, suppressed_share,
           row_number() OVER (
             PARTITION BY stream, account_id ORDER BY event_date DESC, recorded_at DESC) AS place
      FROM ${dialect.qualified(LEDGER_STREAM)}
     WHERE execution_id IS NOT NULL AND status ${IS_HOLDING}) AS results
 GROUP BY stream, account_id`;
}

/** A slice that closed without any copy. */
export interface MissedSlice {
  readonly stream: string;
  readonly account_id: string;
  readonly event_date: string;
  readonly run_id: string;
}

export function missedSql({ dialect }: Dialect): string {
  return `SELECT stream, account_id, CAST(event_date AS ${dialect.types.text}) AS event_date, run_id
  FROM ${dialect.qualified(LEDGER_STREAM)}
 WHERE status = 'missed'
 ORDER BY account_id, stream, event_date`;
}
