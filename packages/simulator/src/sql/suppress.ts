import type { Threshold } from '@traffic-events/client';
import { ownUsersName, ROW_BRANCH, ROW_USERS } from './scope.ts';
import { REQUIRED_USERS, strictest } from './threshold.ts';

/** A column of the query's result. */
export interface ResultColumn {
  readonly name: string;
  readonly metric: boolean;
  readonly threshold: Threshold;
  /** DuckDB's name of its type. */
  readonly type: string;
}

/** Columns that can be asked for beside the discriminator. */
export interface ExtraColumns {
  /** The row's users, capped at its highest requirement. */
  readonly userCount?: string | undefined;
  /** Why a row was filtered; NULL where it was not. */
  readonly reason?: string | undefined;
}

/**
 * `effective`: the users with a contribution other than zero. `equivalent`: the total over the
 * largest contribution of one user.
 */
export type UserCount = 'effective' | 'equivalent';

export type RowOrder = 'sorted' | 'shuffled';

export interface SuppressOptions {
  readonly columns: readonly ResultColumn[];
  /** Thresholds of the columns by branch, where rows are judged by those of their own; the query then tells the branch. */
  readonly branches?: readonly (readonly Threshold[])[] | undefined;
  /** Positions for which the query has a hidden column about users, in the query's order. */
  readonly positions: readonly number[];
  /** Names of the tables that the query reads. */
  readonly sources: readonly string[];
  readonly discriminatorColumn?: string | undefined;
  readonly extraColumns: ExtraColumns;
  readonly blankMetrics: boolean;
  readonly userCount: UserCount;
  readonly rowOrder?: RowOrder | undefined;
}

export interface Suppression {
  readonly sql: string;
  /** Columns after those of the query. */
  readonly added: readonly { readonly name: string; readonly type: string }[];
}

const NUMERIC = /^(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|U\w*INT|FLOAT|DOUBLE|DECIMAL)/;

/**
 * SQL that applies the aggregation thresholds to `query`, whose hidden columns tell of users. Its
 * columns are c0, c1, ... as text, then those that were asked for beside them.
 *
 * A row's users are the fewest behind any metric of it whose total is other than zero. Without a
 * discriminator, rows that miss the strictest threshold of their columns are dropped. With one,
 * the columns whose own threshold is missed lose their value, and rows that are then equal are
 * summed. API.md 2.8 and 2.9.
 */
export function suppressionSql(query: string, options: SuppressOptions): Suppression {
  const { columns, positions } = options;
  const names = columns.map((_, index) => `c${index}`);
  const hidden = positions.map(ownUsersName);
  const required = requiredOfRow(options);
  const branch = options.branches === undefined ? [] : [ROW_BRANCH];
  const judged = `
    WITH rows(${[...names, ...hidden, ROW_USERS, ...branch].join(', ')}) AS (${query}),
    judged AS (SELECT *, ${rowUsers(options)} AS users FROM rows WHERE ${ROW_USERS} > 0)`;
  const keepsFiltered =
    options.discriminatorColumn !== undefined || options.extraColumns.reason !== undefined;
  if (keepsFiltered) return mergedSql(judged, required, options);
  const texts = [...names, ...userCountSql(options, `least(users, ${required})`)];
  const items = texts.map((item, index) => `CAST(${item} AS VARCHAR) AS t${index}`);
  return {
    sql: ordered(
      `${judged} SELECT ${items.join(', ')} FROM judged WHERE users >= ${required}`,
      options,
      items.length,
    ),
    added: addedColumns(options),
  };
}

function mergedSql(judged: string, required: string, options: SuppressOptions): Suppression {
  const { columns, discriminatorColumn, extraColumns } = options;
  const reason = extraColumns.reason === undefined ? [] : [`min(reason)`];
  const items = [
    ...columns.map((column, index) =>
      column.metric ? `${mergeFunction(column)}(c${index})` : `c${index}`,
    ),
    ...(discriminatorColumn === undefined ? [] : ['flag']),
    ...userCountSql(options, 'min(counted)'),
    ...reason,
  ].map((item, index) => `CAST(${item} AS VARCHAR) AS t${index}`);
  return {
    sql: ordered(
      `${judged},
    blanked AS (SELECT ${blanked(options).join(', ')}, users, users < ${required} AS flag,
      least(users, ${required}) AS counted, ${reasonSql(options, required)} AS reason FROM judged)
    SELECT ${items.join(', ')} FROM blanked GROUP BY ${groups(columns).join(', ')}`,
      options,
      items.length,
    ),
    added: addedColumns(options),
  };
}

function ordered(sql: string, { rowOrder }: SuppressOptions, width: number): string {
  if (rowOrder !== 'shuffled') return `${sql} ORDER BY ALL`;
  const cells = Array.from({ length: width }, (_, index) => `t${index}`);
  return `SELECT * FROM (${sql}) ORDER BY md5(concat_ws('|', ${cells.join(', ')}))`;
}

function addedColumns({ discriminatorColumn, extraColumns }: SuppressOptions) {
  return [
    { name: discriminatorColumn, type: 'BOOLEAN' },
    { name: extraColumns.userCount, type: 'BIGINT' },
    { name: extraColumns.reason, type: 'VARCHAR' },
  ].flatMap(({ name, type }) => (name === undefined ? [] : [{ name, type }]));
}

function userCountSql({ extraColumns }: SuppressOptions, sql: string): string[] {
  return extraColumns.userCount === undefined ? [] : [`CAST(floor(${sql}) AS BIGINT)`];
}

/** `97 'dsp_impressions' users < 100 required` */
function reasonSql({ sources, userCount }: SuppressOptions, required: string): string {
  const kind = userCount === 'equivalent' ? 'equivalent ' : '';
  const tables = sources.map((source) => `''${source}''`).join(', ');
  return `CASE WHEN users < ${required}
    THEN CAST(floor(users) AS BIGINT) || ' ${tables} ${kind}users < ' || ${required} || ' required' END`;
}

function rowUsers(options: SuppressOptions): string {
  const { columns, positions } = options;
  const counts = positions
    .filter((position) => columns[position]?.metric === true)
    .map((position) => {
      const nonZero = NUMERIC.test(columns[position]?.type ?? '') ? ` AND c${position} <> 0` : '';
      return `CASE WHEN c${position} IS NOT NULL${nonZero} THEN ${usersBehind(position, options)} END`;
    });
  return counts.length === 0 ? ROW_USERS : `coalesce(least(${counts.join(', ')}), ${ROW_USERS})`;
}

function usersBehind(position: number, { userCount }: SuppressOptions): string {
  const column = ownUsersName(position);
  if (userCount === 'effective') return column;
  return `(SELECT sum(amount) / max(amount) FROM (
    SELECT abs(sum(each.amount)) AS amount FROM (SELECT unnest(${column}) AS each) GROUP BY each.one))`;
}

function blanked(options: SuppressOptions): string[] {
  const { columns, blankMetrics } = options;
  return columns.map((column, index) => {
    const required = byBranch(options, column.threshold, (thresholds) => thresholds[index]);
    const kept = required === '1' || (column.metric && !blankMetrics);
    return kept ? `c${index}` : `CASE WHEN users >= ${required} THEN c${index} END AS c${index}`;
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

function requiredOfRow(options: SuppressOptions): string {
  const whole = strictest(options.columns.map((column) => column.threshold));
  return byBranch(options, whole, strictest);
}

/** Users that are required: the same of every row, or by the branch that the row comes from. */
function byBranch(
  { branches }: SuppressOptions,
  whole: Threshold,
  pick: (thresholds: readonly Threshold[]) => Threshold | undefined,
): string {
  if (branches === undefined) return String(requiredUsers(whole));
  const required = branches.map((thresholds) => requiredUsers(pick(thresholds) ?? 'NONE'));
  if (new Set(required).size === 1) return String(required[0]);
  const cases = required.map((users, branch) => `WHEN ${branch} THEN ${users}`);
  return `CASE ${ROW_BRANCH} ${cases.join(' ')} END`;
}

function requiredUsers(threshold: Threshold): number {
  return Math.min(REQUIRED_USERS[threshold], Number.MAX_SAFE_INTEGER);
}
