import { metricsOf, tablesOf } from './daily-view.ts';
import type { DailyPart, DailyView } from './daily-view.ts';
import { definitionPartSql } from './definition-part-sql.ts';
import { standingSql } from './standing-sql.ts';
import type { KnownColumns, ViewDialect, ViewType } from './view-dialect.ts';

/** Columns that every source gives, in order; those that it does not have are NULL. */
export type PartColumns = Readonly<Record<string, ViewType>>;

/** What tells the rows of a daily view apart. */
export const KEY_COLUMNS = {
  account_id: 'text',
  event_date: 'date',
  is_suppressed: 'boolean',
  campaign_key: 'text',
  is_standing: 'boolean',
} as const satisfies PartColumns;

export const NAME_COLUMNS = {
  marketplace: 'text',
  campaign_id: 'integer',
  campaign: 'text',
} as const satisfies PartColumns;

/** Column with how many rows of its table stand behind a part's row. */
export const rowsOfPart = (index: number) => `rows_of_part_${index + 1}`;
/** Columns that say how a table's slice stands, the second as 1 and 0. */
export const statusOf = (table: string) => `${table}_status`;
export const wholenessOf = (table: string) => `${table}_is_whole`;

export function partColumns(view: DailyView): PartColumns {
  const { parts } = view;
  return {
    ...KEY_COLUMNS,
    ...NAME_COLUMNS,
    ...all(metricsOf(view), 'number'),
    ...(parts.some(isOneViewDefinition) ? { view_definition: 'text' } : {}),
    ...all([...parts.keys()].map(rowsOfPart), 'integer'),
    ...all(tablesOf(view).map(statusOf), 'text'),
    ...all(tablesOf(view).map(wholenessOf), 'integer'),
  };
}

function all(names: readonly string[], type: ViewType): PartColumns {
  return Object.fromEntries(names.map((name) => [name, type]));
}

export function isOneViewDefinition(part: DailyPart): boolean {
  return part.isOneViewDefinition === true;
}

/**
 * The sums of a view's sources, those whose tables are there, one below the other, and below them
 * how their slices stand: not joined, so that a filter on the date reaches every table.
 */
export function partsSql(dialect: ViewDialect, view: DailyView, known: KnownColumns): string {
  const wanted = partColumns(view);
  const parts = view.parts.flatMap((part, index) => {
    const columns = known.get(part.table);
    return columns === undefined ? [] : [partSql(dialect, part, index, columns, wanted)];
  });
  return [...parts, standingsSql(dialect, view, wanted)].join('\n    UNION ALL\n    ');
}

function partSql(
  dialect: ViewDialect,
  part: DailyPart,
  index: number,
  columns: ReadonlySet<string>,
  wanted: PartColumns,
): string {
  const names = namesOf(dialect, part, columns);
  const source = dialect.qualified(part.table);
  const metrics = Object.entries(part.metrics).filter(([, metric]) => columns.has(metric));
  if (isOneViewDefinition(part) && columns.has('view_definition')) {
    const { sql, values } = definitionPartSql(source, names, metrics);
    const list = selectList(dialect, wanted, {
      ...values,
      [rowsOfPart(index)]: 'sum(table_rows)',
    });
    return `SELECT ${list}
      FROM (${sql}) AS chosen
     GROUP BY 1, 2, 3, 4`;
  }
  const sums = metrics.map(([name, metric]) => [name, knownSum(metric)]);
  const list = selectList(dialect, wanted, {
    ...names,
    ...Object.fromEntries(sums),
    [rowsOfPart(index)]: 'count(*)',
  });
  return `SELECT ${list}
      FROM ${source}
     GROUP BY 1, 2, 3, 4`;
}

/** Rows that were suppressed so far that their campaign is gone are one row of the view. */
function namesOf(
  dialect: ViewDialect,
  { campaignKey }: DailyPart,
  columns: ReadonlySet<string>,
): Record<string, string> {
  const isKeyed = columns.has(campaignKey);
  const names = Object.keys(NAME_COLUMNS).filter((name) => columns.has(name));
  return {
    account_id: 'account_id',
    event_date: 'event_date',
    is_suppressed: isKeyed ? `(filtered AND ${campaignKey} IS NULL)` : 'filtered',
    campaign_key: isKeyed ? `coalesce(${typed(dialect, 'text', campaignKey)}, '')` : "''",
    is_standing: 'FALSE',
    ...Object.fromEntries(names.map((name) => [name, `max(${name})`])),
  };
}

/** A suppressed row without the metric makes the sum unknown: NULL, never less than it is. */
function knownSum(metric: string): string {
  return `CASE WHEN count(CASE WHEN filtered AND ${metric} IS NULL THEN 1 END) > 0 THEN NULL ELSE sum(${metric}) END`;
}

/** A row per account and date: how the slices of the view's tables stand. */
function standingsSql(dialect: ViewDialect, view: DailyView, wanted: PartColumns): string {
  const tables = tablesOf(view);
  const of = (table: string, value: string) =>
    `max(CASE WHEN stream = ${dialect.literal(table)} THEN ${value} END)`;
  const isWhole = `CASE WHEN complete AND settled AND NOT suspect THEN 1 ELSE 0 END`;
  const facts = tables.flatMap((table) => [
    [statusOf(table), of(table, 'status')],
    [wholenessOf(table), of(table, isWhole)],
  ]);
  const list = selectList(dialect, wanted, {
    account_id: 'account_id',
    event_date: 'event_date',
    is_suppressed: 'FALSE',
    campaign_key: "''",
    is_standing: 'TRUE',
    ...Object.fromEntries(facts),
  });
  const streams = tables.map((table) => dialect.literal(table)).join(', ');
  const held = ['status', 'complete', 'settled', 'suspect'];
  return `SELECT ${list}
      FROM (${standingSql(dialect, held, `stream IN (${streams})`)}) AS standing
     GROUP BY 1, 2`;
}

function selectList(
  dialect: ViewDialect,
  wanted: PartColumns,
  given: Readonly<Record<string, string>>,
): string {
  const columns = Object.entries(wanted).map(([name, type]) => {
    const value = given[name] ?? 'NULL';
    return value === name ? name : `${typed(dialect, type, value)} AS ${name}`;
  });
  return columns.join(',\n           ');
}

function typed(dialect: ViewDialect, type: ViewType, value: string): string {
  return `CAST(${value} AS ${dialect.types[type]})`;
}
