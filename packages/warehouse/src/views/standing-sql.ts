import { LEDGER_STREAM } from '@traffic-events/slice';
import { IS_PASSING } from '../slices/status-sql.ts';
import type { ViewDialect } from './view-dialect.ts';

/**
 * How each slice stands: of its rows in the ledger the latest that says so. `kept_better` and
 * `failed` leave a slice as it stood. `condition` is about the ledger's columns.
 */
export function standingSql(
  dialect: ViewDialect,
  facts: readonly string[],
  condition?: string,
): string {
  const columns = ['stream', 'account_id', 'event_date', ...facts].join(', ');
  return `SELECT ${columns}
      FROM (
        SELECT ${columns},
               row_number() OVER (
                 PARTITION BY stream, account_id, event_date ORDER BY recorded_at DESC) AS place
          FROM ${dialect.qualified(LEDGER_STREAM)}
         WHERE status NOT ${IS_PASSING}${condition === undefined ? '' : ` AND ${condition}`}) AS closings
     WHERE place = 1`;
}
