import { derived } from '../table-sql.ts';
import { qualified, quoteLiteral } from '../identifiers.ts';

/**
 * Per slice the best-ranked execution whose rows are all there. Where this project's loader has
 * written the table, that is every row of it; the view also answers right behind one that has not.
 */
export function currentViewSql(schema: string, table: string, stream: string): string {
  const source = qualified(schema, table);
  return `CREATE OR REPLACE VIEW ${qualified(schema, derived(table, 'current'))} AS
    SELECT source.* FROM ${source} AS source
     WHERE source.execution_id = (
       SELECT entry.execution_id FROM ${qualified(schema, 'extractions')} AS entry
        WHERE entry.stream = ${quoteLiteral(stream)}
          AND entry.account_id = source.account_id AND entry.event_date = source.event_date
          AND entry.status IN ('open', 'settled', 'frozen', 'partial')
          AND entry.row_count = (
            SELECT count(*) FROM ${source} AS held
             WHERE held.account_id = entry.account_id AND held.event_date = entry.event_date
               AND held.execution_id = entry.execution_id)
        ORDER BY entry.complete DESC, entry.suspect, entry.settled DESC, entry.create_time DESC
        LIMIT 1)`;
}

/** The same for tables that hold one copy of each slice at most, because this loader wrote them. */
export function wholeTableViewSql(schema: string, table: string): string {
  return `CREATE OR REPLACE VIEW ${qualified(schema, derived(table, 'current'))} AS
    SELECT * FROM ${qualified(schema, table)}`;
}

/** Streams whose events are kept longer than the 30 days of all others. */
const RETENTIONS: Readonly<Record<string, string>> = { page_url_report: '12 months' };

/**
 * How each slice stands, with the instant from which on no complete copy can be had any more.
 * Dates between a stream's first and last that the ledger does not know are `absent`.
 */
export function coverageViewSql(schema: string): string {
  const ledger = qualified(schema, 'extractions');
  const cases = Object.entries(RETENTIONS).map(
    ([stream, interval]) => `WHEN ${quoteLiteral(stream)} THEN interval ${quoteLiteral(interval)}`,
  );
  return `CREATE OR REPLACE VIEW ${qualified(schema, 'coverage')} AS
    WITH standing AS (
      SELECT DISTINCT ON (stream, account_id, event_date)
             stream, account_id, event_date, status, execution_id, create_time, row_count, reason
        FROM ${ledger}
       WHERE status NOT IN ('kept_better', 'failed')
       ORDER BY stream, account_id, event_date, recorded_at DESC),
    dates AS (
      SELECT stream, account_id, generate_series(min(event_date), max(event_date), '1 day')::date
             AS event_date
        FROM ${ledger} GROUP BY stream, account_id)
    SELECT stream, account_id, event_date, coalesce(status, 'absent') AS status, execution_id,
           create_time, row_count, reason,
           event_date::timestamp
             AT TIME ZONE coalesce(nullif(split_part(account_id, '@', 2), ''), 'UTC')
             + CASE stream ${cases.join(' ')} ELSE interval '30 days' END AS lost_at
      FROM dates LEFT JOIN standing USING (stream, account_id, event_date)`;
}
