import { LEDGER_STREAM } from '@traffic-events/slice';
import { standingSql } from './standing-sql.ts';
import type { View, ViewDialect } from './view-dialect.ts';

/** How long the service keeps events, by stream where it is not as for all others. */
const RETENTION_HOURS = 30 * 24;
const OTHER_RETENTIONS: Readonly<Record<string, number>> = { page_url_report: 365 * 24 };

/**
 * How each slice stands, with the instant from which on no complete copy can be had any more.
 * Dates from a stream's first to yesterday that the ledger does not know are `absent`: a sync that
 * stands still is seen.
 */
export function coverageView(dialect: ViewDialect): View {
  const ledger = dialect.qualified(LEDGER_STREAM);
  const slice = 'stream, account_id, event_date';
  const facts = ['status', 'execution_id', 'create_time', 'row_count', 'reason'];
  const yesterday = dialect.dayBefore(dialect.dateAt(dialect.now, 'account_id'));
  return {
    name: 'coverage',
    reads: [],
    description:
      'How each slice stands by the ledger, up to yesterday, and from when on no complete copy of it can be had.',
    query: `SELECT ${slice}, coalesce(status, 'absent') AS status,
       execution_id, create_time, row_count, reason, lost_at,
       CASE WHEN coalesce(status, 'absent') IN ('absent', 'open') THEN greatest(${dialect.daysBetween(dialect.now, 'lost_at')}, 0) END AS days_left
  FROM (
    SELECT ${slice}, ${lostAt(dialect)} AS lost_at
      FROM (
        SELECT stream, account_id, min(event_date) AS first_date,
               greatest(max(event_date), ${yesterday}) AS last_date
          FROM ${ledger}
         GROUP BY stream, account_id) AS spans
     CROSS JOIN ${dialect.eachDate('first_date', 'last_date')}) AS dates
  LEFT JOIN (${standingSql(dialect, facts)}) AS standing USING (${slice})`,
  };
}

function lostAt(dialect: ViewDialect): string {
  const others = Object.entries(OTHER_RETENTIONS).map(
    ([stream, hours]) => `WHEN ${dialect.literal(stream)} THEN ${hours}`,
  );
  const hours = `CASE stream ${others.join(' ')} ELSE ${RETENTION_HOURS} END`;
  return dialect.later(dialect.beginning('event_date', 'account_id'), hours);
}
