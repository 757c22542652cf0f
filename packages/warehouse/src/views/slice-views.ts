import { LEDGER_STREAM } from '@traffic-events/slice';
import { IS_HOLDING } from '../slices/status-sql.ts';
import { identifierOf } from '../tables/naming.ts';
import type { View, ViewDialect } from './view-dialect.ts';

/** What tells slices of one table apart. */
const SLICE = ['account_id', 'event_date'] as const;

/**
 * Per slice the best-ranked execution whose rows are all there. Where this project's loader has
 * written the table, that is every row of it; the view also answers right behind one that has not.
 */
export function currentView(dialect: ViewDialect, table: string, stream: string): View {
  const source = dialect.qualified(table);
  const execution = [...SLICE, 'execution_id'];
  const same = (left: string, right: string) =>
    execution.map((column) => `${left}.${column} = ${right}.${column}`).join(' AND ');
  return {
    ...currentViewNames(dialect, table),
    query: `SELECT source.*
  FROM ${source} AS source
  JOIN (
    SELECT ${execution.join(', ')}
      FROM (
        SELECT ${execution.map((column) => `entry.${column}`).join(', ')},
               row_number() OVER (
                 PARTITION BY entry.account_id, entry.event_date
                 ORDER BY entry.complete DESC, entry.suspect, entry.settled DESC, entry.create_time DESC) AS place
          FROM ${dialect.qualified(LEDGER_STREAM)} AS entry
          LEFT JOIN (
            SELECT ${execution.join(', ')}, count(*) AS row_count
              FROM ${source}
             GROUP BY ${execution.join(', ')}) AS held
            ON ${same('held', 'entry')}
         WHERE entry.stream = ${dialect.literal(stream)}
           AND entry.status ${IS_HOLDING}
           AND entry.row_count = coalesce(held.row_count, 0)) AS ranked
     WHERE place = 1) AS best
    ON ${same('best', 'source')}`,
  };
}

/** The same for tables that hold one copy of each slice at most, because this loader wrote them. */
export function wholeTableView(dialect: ViewDialect, table: string): View {
  return {
    ...currentViewNames(dialect, table),
    query: `SELECT * FROM ${dialect.qualified(table)}`,
  };
}

function currentViewNames({ names }: ViewDialect, table: string): Omit<View, 'query'> {
  return {
    name: identifierOf(`${table}_current`, names),
    description: `Of each slice of ${table} the rows of its best copy.`,
    reads: [table],
    below: table,
  };
}
