import type { EventDate } from '@traffic-events/slice';
import { heldSql } from '../audit/verify-sql.ts';
import type { WarehouseReader } from '../audit/warehouse-reader.ts';
import { identifierOf } from '../tables/naming.ts';

type Dialect = Pick<WarehouseReader, 'dialect' | 'jsonText'>;

/** Which slices: those of a stream and some accounts in a range of dates, both ends included. */
export interface SliceRange {
  readonly stream: string;
  readonly accountIds: readonly string[];
  readonly from: EventDate;
  readonly to: EventDate;
}

/** What a table has of an account and a range, and what the ledger says that it has; `total_0`, `withheld_0` and so on by metric. */
export type HeldRowsTexts = Readonly<Record<string, string | null>>;

/** By account, rows in the table and by the ledger, and of each metric the sum and how much of it is withheld. */
export function heldRowsOfSql(
  reader: Dialect,
  { stream, accountIds, from, to }: SliceRange,
  metrics: readonly string[],
): string {
  const { dialect } = reader;
  const { types } = dialect;
  const literal = (value: string) => dialect.literal(value);
  const text = (expression: string) => `CAST(${expression} AS ${types.text})`;
  const account = `account_id IN (${accountIds.map(literal).join(', ')})`;
  const sums = metrics.flatMap((metric, index) => {
    const value = `CAST(${dialect.quoted(metric)} AS ${types.number})`;
    return [
      `${text(`sum(${value})`)} AS total_${index}`,
      `${text(`coalesce(sum(CASE WHEN filtered THEN ${value} END), 0)`)} AS withheld_${index}`,
      `${text(`sum(CASE WHEN ${dialect.quoted(metric)} IS NULL THEN 1 ELSE 0 END)`)} AS unknown_${index}`,
    ];
  });
  return `SELECT coalesce(held_rows.account_id, ledger_rows.account_id) AS account_id, rows_held, rows_by_ledger${metrics.map((_, index) => `, total_${index}, withheld_${index}, unknown_${index}`).join('')}
  FROM (
    SELECT ${['account_id', `${text('count(*)')} AS rows_held`, ...sums].join(',\n           ')}
      FROM ${dialect.qualified(identifierOf(stream, dialect.names))}
     WHERE event_date BETWEEN DATE ${literal(from)} AND DATE ${literal(to)} AND ${account}
     GROUP BY account_id) AS held_rows
  FULL JOIN (
    SELECT account_id, ${text(`coalesce(sum(CAST(row_count AS ${types.integer})), 0)`)} AS rows_by_ledger
      FROM (${heldSql(reader, stream)}) AS held
     WHERE event_date BETWEEN ${literal(from)} AND ${literal(to)} AND ${account}
     GROUP BY account_id) AS ledger_rows
    ON ledger_rows.account_id = held_rows.account_id`;
}
