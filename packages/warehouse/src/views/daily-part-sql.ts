import type { DailyPart, DailyView } from './daily-view.ts';
import type { KnownColumns, ViewDialect, ViewType } from './view-dialect.ts';

/** Columns that every source gives, in order; those that it does not have are NULL. */
export type PartColumns = Readonly<Record<string, ViewType>>;

/** What tells the rows of a daily view apart. */
export const KEY_COLUMNS = {
  account_id: 'text',
  event_date: 'date',
  is_suppressed: 'boolean',
  campaign_key: 'text',
} as const satisfies PartColumns;

const NAME_COLUMNS = {
  marketplace: 'text',
  campaign_id: 'integer',
  campaign: 'text',
} as const satisfies PartColumns;

export function partColumns({ parts }: DailyView): PartColumns {
  const metrics = parts.flatMap((part) => Object.keys(part.metrics));
  return {
    ...KEY_COLUMNS,
    ...NAME_COLUMNS,
    ...Object.fromEntries(metrics.map((name) => [name, 'number'])),
    ...(parts.some(isOneViewDefinition) ? { view_definition: 'text' } : {}),
  };
}

export function isOneViewDefinition(part: DailyPart): boolean {
  return part.isOneViewDefinition === true;
}

/** The sums of a view's sources, those whose tables are there, one below the other. */
export function partsSql(dialect: ViewDialect, view: DailyView, known: KnownColumns): string {
  const wanted = partColumns(view);
  const parts = view.parts.flatMap((part) => {
    const columns = known.get(part.table);
    return columns === undefined ? [] : [partSql(dialect, part, columns, wanted)];
  });
  if (parts.length > 0) return parts.join('\n    UNION ALL\n    ');
  return `SELECT ${selectList(dialect, wanted, {})} LIMIT 0`;
}

function partSql(
  dialect: ViewDialect,
  part: DailyPart,
  columns: ReadonlySet<string>,
  wanted: PartColumns,
): string {
  const given = { ...namesOf(dialect, part, columns), ...sumsOf(dialect, part, columns) };
  const source = dialect.qualified(part.table);
  if (isOneViewDefinition(part) && columns.has('view_definition')) {
    const list = selectList(dialect, wanted, { ...given, view_definition: 'view_definition' });
    return chosenDefinition(Object.keys(wanted).join(', '), list, source);
  }
  return `SELECT ${selectList(dialect, wanted, given)}
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
    ...Object.fromEntries(names.map((name) => [name, `max(${name})`])),
  };
}

/** A suppressed row without the metric makes the sum unknown: NULL, never less than it is. */
function sumsOf(
  dialect: ViewDialect,
  { metrics }: DailyPart,
  columns: ReadonlySet<string>,
): Record<string, string> {
  const there = Object.entries(metrics).filter(([, metric]) => columns.has(metric));
  return Object.fromEntries(
    there.map(([name, metric]) => {
      const blanked = `count(CASE WHEN filtered AND ${metric} IS NULL THEN 1 END)`;
      const sum = `CASE WHEN ${blanked} > 0 THEN NULL ELSE sum(${metric}) END`;
      return [name, typed(dialect, 'number', sum)];
    }),
  );
}

/**
 * Definitions judge the same events, so that only one of them may be counted: of each account and
 * date the one that most rows have. By windows and not by a join, so that a filter on the date
 * reaches the table.
 */
function chosenDefinition(names: string, list: string, source: string): string {
  const day = 'PARTITION BY account_id, event_date';
  return `SELECT ${names}
      FROM (
        SELECT ${names},
               rank() OVER (${day} ORDER BY view_definition IS NULL, measured DESC, view_definition) AS place
          FROM (
            SELECT ${list},
                   sum(count(*)) OVER (${day}, view_definition) AS measured
              FROM ${source}
             GROUP BY 1, 2, 3, 4, view_definition) AS defined) AS ranked
     WHERE place = 1`;
}

function selectList(
  dialect: ViewDialect,
  wanted: PartColumns,
  given: Readonly<Record<string, string>>,
): string {
  const columns = Object.entries(wanted).map(([name, type]) => {
    const value = given[name] ?? typed(dialect, type, 'NULL');
    return value === name ? name : `${value} AS ${name}`;
  });
  return columns.join(',\n           ');
}

function typed(dialect: ViewDialect, type: ViewType, value: string): string {
  return `CAST(${value} AS ${dialect.types[type]})`;
}
