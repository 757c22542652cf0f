import { LEDGER_STREAM } from '@traffic-events/slice';
import { IS_HOLDING } from '../slices/status-sql.ts';
import type { ViewDialect } from '../views/view-dialect.ts';
import type { WarehouseReader } from './warehouse-reader.ts';

/** A slice as the ledger says that it is held; every number is text. */
export interface LedgerSlice {
  readonly account_id: string;
  readonly event_date: string;
  readonly execution_id: string;
  /** Null where it is not known what the result has. */
  readonly row_count: string | null;
  /** JSON: a sum by metric, null where it is unknown. */
  readonly sums: string;
}

/** What a table has of one execution of a slice: a sum by metric, in the order asked for. */
export interface TableSlice extends Readonly<Record<string, string | null>> {
  readonly account_id: string;
  readonly event_date: string;
  readonly execution_id: string;
  readonly row_count: string;
}

const asText = ({ types }: ViewDialect, expression: string) =>
  `CAST(${expression} AS ${types.text})`;

/** Streams that the ledger knows. */
export function streamsSql({ dialect }: Pick<WarehouseReader, 'dialect'>): string {
  return `SELECT DISTINCT stream FROM ${dialect.qualified(LEDGER_STREAM)} ORDER BY stream`;
}

/** Per slice the best-ranked execution of those that were applied: only a better one replaces. */
export function heldSql(
  { dialect, jsonText }: Pick<WarehouseReader, 'dialect' | 'jsonText'>,
  stream: string,
): string {
  return `SELECT account_id, ${asText(dialect, 'event_date')} AS event_date, execution_id,
       ${asText(dialect, 'row_count')} AS row_count, ${jsonText('sums')} AS sums
  FROM (
    SELECT account_id, event_date, execution_id, row_count, sums,
           row_number() OVER (
             PARTITION BY account_id, event_date
             ORDER BY coalesce(complete, false) DESC, coalesce(suspect, false),
                      coalesce(settled, false) DESC, create_time IS NULL, create_time DESC,
                      raw_sha256 IS NULL) AS place
      FROM ${dialect.qualified(LEDGER_STREAM)}
     WHERE stream = ${dialect.literal(stream)} AND execution_id IS NOT NULL
       AND status ${IS_HOLDING}) AS ranked
 WHERE place = 1`;
}

/** Rows and sums of each execution in a table. A cell without a value adds nothing. */
export function heldRowsSql(
  { dialect }: Pick<WarehouseReader, 'dialect'>,
  table: string,
  metrics: readonly string[],
): string {
  const sums = metrics.map((metric, index) => {
    const sum = `sum(CAST(${dialect.quoted(metric)} AS ${dialect.types.number}))`;
    return `, ${asText(dialect, `coalesce(${sum}, 0)`)} AS sum_${index}`;
  });
  const slice = 'account_id, event_date, execution_id';
  return `SELECT account_id, ${asText(dialect, 'event_date')} AS event_date, execution_id,
       ${asText(dialect, 'count(*)')} AS row_count${sums.join('')}
  FROM ${dialect.qualified(table)}
 WHERE event_date >= DATE '0001-01-01'
 GROUP BY ${slice}`;
}

/** The hash of each raw result that was kept. */
export function hashesSql({ dialect }: Pick<WarehouseReader, 'dialect'>): string {
  return `SELECT stream, execution_id, raw_sha256 FROM ${dialect.qualified(LEDGER_STREAM)}
 WHERE raw_sha256 IS NOT NULL AND execution_id IS NOT NULL`;
}
