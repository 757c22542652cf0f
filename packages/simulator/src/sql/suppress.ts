import type { Threshold } from '@traffic-events/client';
import { ownUsersName, ROW_USERS } from './scope.ts';
import { REQUIRED_USERS, strictest } from './threshold.ts';

/** A column of the query's result. */
export interface ResultColumn {
  readonly name: string;
  readonly metric: boolean;
  readonly threshold: Threshold;
  /** DuckDB's name of its type. */
  readonly type: string;
}

export interface SuppressOptions {
  readonly columns: readonly ResultColumn[];
  /** Positions for which the query has a hidden count of users, in the query's order. */
  readonly positions: readonly number[];
  readonly discriminatorColumn?: string | undefined;
  readonly blankMetrics: boolean;
}

const NUMERIC = /^(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|U\w*INT|FLOAT|DOUBLE|DECIMAL)/;

/**
 * SQL that applies the aggregation thresholds to `query`, whose hidden columns count users. Its
 * columns are c0, c1, ... as text, and last the flag, where a discriminator is asked for.
 *
 * A row's users are the fewest behind any metric of it whose total is other than zero. Without a
 * discriminator, rows that miss the strictest threshold of their columns are dropped. With one,
 * the columns whose own threshold is missed lose their value, and rows that are then equal are
 * summed. API.md 2.8 and 2.9.
 */
export function suppressionSql(query: string, options: SuppressOptions): string {
  const { columns, positions } = options;
  const names = [...columns.keys()].map((index) => `c${index}`);
  const hidden = positions.map(ownUsersName);
  const required = requiredUsers(strictest(columns.map((column) => column.threshold)));
  const judged = `
    WITH rows(${[...names, ...hidden, ROW_USERS].join(', ')}) AS (${query}),
    judged AS (SELECT *, ${effectiveUsers(options)} AS users FROM rows WHERE ${ROW_USERS} > 0)`;
  if (options.discriminatorColumn === undefined) {
    const texts = names.map((name) => `CAST(${name} AS VARCHAR) AS ${name}`);
    return `${judged} SELECT ${texts.join(', ')} FROM judged WHERE users >= ${required} ORDER BY ALL`;
  }
  return `${judged},
    blanked AS (SELECT ${blanked(options).join(', ')}, users < ${required} AS flag FROM judged)
    SELECT ${merged(columns).join(', ')}, CAST(flag AS VARCHAR) AS flag
    FROM blanked GROUP BY ${groups(columns).join(', ')} ORDER BY ALL`;
}

function effectiveUsers({ columns, positions }: SuppressOptions): string {
  const counts = positions
    .filter((position) => columns[position]?.metric === true)
    .map((position) => {
      const nonZero = NUMERIC.test(columns[position]?.type ?? '') ? ` AND c${position} <> 0` : '';
      return `CASE WHEN c${position} IS NOT NULL${nonZero} THEN ${ownUsersName(position)} END`;
    });
  return counts.length === 0 ? ROW_USERS : `coalesce(least(${counts.join(', ')}), ${ROW_USERS})`;
}

function blanked({ columns, blankMetrics }: SuppressOptions): string[] {
  return columns.map((column, index) => {
    const required = requiredUsers(column.threshold);
    const kept = required <= 1 || (column.metric && !blankMetrics);
    return kept ? `c${index}` : `CASE WHEN users >= ${required} THEN c${index} END AS c${index}`;
  });
}

function merged(columns: readonly ResultColumn[]): string[] {
  return columns.map((column, index) => {
    const value = column.metric ? `${mergeFunction(column)}(c${index})` : `c${index}`;
    return `CAST(${value} AS VARCHAR) AS c${index}`;
  });
}

/** Metrics are summed; what cannot be, such as a list or a date, keeps one of its values. */
function mergeFunction(column: ResultColumn): string {
  return NUMERIC.test(column.type) ? 'sum' : 'any_value';
}

function groups(columns: readonly ResultColumn[]): string[] {
  const dimensions = [...columns.keys()].filter((index) => columns[index]?.metric !== true);
  return [...dimensions.map((index) => `c${index}`), 'flag'];
}

function requiredUsers(threshold: Threshold): number {
  return Math.min(REQUIRED_USERS[threshold], Number.MAX_SAFE_INTEGER);
}
