import { LEDGER_STREAM } from '@traffic-events/slice';
import type { LedgerRow, LedgerStatus, SliceKey } from '@traffic-events/slice';
import type { LedgerCopy } from '../../slices/slice-decision.ts';
import { sliceId, sliceOf } from '../../slices/slice-execution.ts';
import { dateLiteral, literal, qualified } from '../tables/sql-text.ts';
import { STATE_TABLE } from '../tables/table-resources.ts';

/** A ledger row as `copiesSql` reads it: every column as text or boolean, so that nothing is guessed. */
export interface CopyRow extends Readonly<Record<string, unknown>> {
  readonly stream: string;
  readonly account_id: string;
  readonly event_date: string;
  readonly status: LedgerStatus;
  readonly execution_id: string | null;
  readonly create_time: string | null;
  readonly row_count: string | null;
  readonly sums: string;
  readonly complete: boolean | null;
  readonly settled: boolean | null;
  readonly suspect: boolean | null;
  readonly fingerprint: string;
}

const instant = (column: string) =>
  `FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', ${column}, 'UTC') AS ${column}`;

/** What the ledger says of the copies of some slices. */
export function copiesSql(dataset: string, slices: readonly SliceKey[]): string {
  const which = slices.map(
    ({ stream, accountId, eventDate }) =>
      `(stream = ${literal(stream)} AND account_id = ${literal(accountId)} AND event_date = ${dateLiteral(eventDate)})`,
  );
  // Said once more, so that partitions and blocks of others are not read.
  const dates = [...new Set(slices.map(({ eventDate }) => dateLiteral(eventDate)))];
  const accounts = [...new Set(slices.map(({ accountId }) => literal(accountId)))];
  return `SELECT stream, account_id, CAST(event_date AS STRING) AS event_date, status, execution_id,
      ${instant('create_time')}, CAST(row_count AS STRING) AS row_count, TO_JSON_STRING(sums) AS sums,
      complete, settled, suspect, fingerprint
    FROM ${qualified(dataset, LEDGER_STREAM)}
    WHERE event_date IN (${dates.join(', ')}) AND account_id IN (${accounts.join(', ')}) AND (${which.join(' OR ')})`;
}

/** The copies of each slice, by `sliceId`. */
export function readCopies(rows: readonly CopyRow[]): Map<string, LedgerCopy[]> {
  const copies = new Map<string, LedgerCopy[]>();
  for (const row of rows) {
    const key = sliceId(sliceOf(row));
    const copy: LedgerCopy = {
      ...row,
      row_count: row.row_count === null ? null : Number(row.row_count),
      sums: JSON.parse(row.sums) as LedgerRow['sums'],
    };
    copies.set(key, [...(copies.get(key) ?? []), copy]);
  }
  return copies;
}

export function knownDatesSql(dataset: string, accounts: readonly string[]): string {
  return `SELECT DISTINCT stream, account_id, CAST(event_date AS STRING) AS event_date
    FROM ${qualified(dataset, LEDGER_STREAM)}
    WHERE account_id IN (${accounts.map(literal).join(', ')}) AND status != 'failed'`;
}

export function statesSql(dataset: string, accounts: readonly string[]): string {
  return `SELECT stream, account_id, TO_JSON_STRING(state) AS state
    FROM ${qualified(dataset, STATE_TABLE)}
    WHERE account_id IN (${accounts.map(literal).join(', ')}) ORDER BY stream, account_id`;
}

/** Every stream and account that has a state, and the dates of it that closed without any copy. */
export function statusSql(dataset: string): string {
  const missed: LedgerRow['status'] = 'missed';
  const failed: LedgerRow['status'] = 'failed';
  return `SELECT s.stream, s.account_id, TO_JSON_STRING(s.state) AS state, s.run_id, ${instant('s.saved_at').replace('AS s.', 'AS ')},
      m.dates AS missed_dates, f.entries AS failures
    FROM ${qualified(dataset, STATE_TABLE)} AS s
    LEFT JOIN (
      SELECT stream, account_id, STRING_AGG(CAST(event_date AS STRING), ',' ORDER BY event_date) AS dates
      FROM ${qualified(dataset, LEDGER_STREAM)} WHERE status = ${literal(missed)} GROUP BY stream, account_id
    ) AS m ON m.stream = s.stream AND m.account_id = s.account_id
    LEFT JOIN (
      SELECT stream, account_id,
        TO_JSON_STRING(ARRAY_AGG(STRUCT(CAST(event_date AS STRING) AS event_date, reason) ORDER BY recorded_at)) AS entries
      FROM ${qualified(dataset, LEDGER_STREAM)} WHERE status = ${literal(failed)} GROUP BY stream, account_id
    ) AS f ON f.stream = s.stream AND f.account_id = s.account_id
    ORDER BY s.account_id, s.stream`;
}
