import { tableOfGrain } from '@traffic-events/slice';
import type { Grain } from '@traffic-events/slice';
import { standingColumns, standingsSql } from './daily-standing-sql.ts';
import { metricsOf } from './daily-view.ts';
import type { DailyPart, DailySources } from './daily-view.ts';
import { definitionPartSql } from './definition-part-sql.ts';
import { KEY_COLUMNS, NAME_COLUMNS, selectList, typed } from './part-columns.ts';
import type { PartColumns } from './part-columns.ts';
import type { KnownColumns, ViewDialect } from './view-dialect.ts';

/** Column with how many rows of its table stand behind a part's row. */
export const rowsOfPart = (index: number) => `rows_of_part_${index + 1}`;

export function partColumns(sources: DailySources): PartColumns {
  const { view } = sources;
  const { parts } = view;
  return {
    ...KEY_COLUMNS,
    ...NAME_COLUMNS,
    ...all(metricsOf(view), 'number'),
    ...(parts.some(isOneViewDefinition) ? { view_definition: 'text' } : {}),
    ...all([...parts.keys()].map(rowsOfPart), 'integer'),
    ...standingColumns(view),
  };
}

function all(names: readonly string[], type: PartColumns[string]): PartColumns {
  return Object.fromEntries(names.map((name) => [name, type]));
}

export function isOneViewDefinition(part: DailyPart): boolean {
  return part.isOneViewDefinition === true;
}

/**
 * The sums of a view's sources at each grain, those whose tables are there, one below the other, and
 * below them how their slices stand: not joined, so that a filter on the date reaches every table.
 */
export function partsSql(dialect: ViewDialect, sources: DailySources, known: KnownColumns): string {
  const wanted = partColumns(sources);
  const parts = sources.grains.flatMap((grain) =>
    sources.view.parts.flatMap((part, index) => {
      const table = tableOfGrain(part.table, grain);
      const columns = known.get(table);
      if (columns === undefined) return [];
      return [partSql(dialect, { part: { ...part, table }, index, grain }, columns, wanted)];
    }),
  );
  return [...parts, standingsSql(dialect, sources, known, wanted)].join('\n    UNION ALL\n    ');
}

interface GrainPart {
  readonly part: DailyPart;
  readonly index: number;
  readonly grain: Grain;
}

function partSql(
  dialect: ViewDialect,
  { part, index, grain }: GrainPart,
  columns: ReadonlySet<string>,
  wanted: PartColumns,
): string {
  const names = namesOf(dialect, part, columns);
  const source = dialect.qualified(part.table);
  const metrics = Object.entries(part.metrics).filter(([, metric]) => columns.has(metric));
  const constants = { grain: dialect.literal(grain) };
  if (isOneViewDefinition(part) && columns.has('view_definition')) {
    const { sql, values } = definitionPartSql(source, names, metrics);
    const list = selectList(dialect, wanted, {
      ...values,
      ...constants,
      [rowsOfPart(index)]: 'sum(table_rows)',
    });
    return `SELECT ${list}
      FROM (${sql}) AS chosen
     GROUP BY 1, 2, 3, 4`;
  }
  const sums = metrics.map(([name, metric]) => [name, knownSum(metric)]);
  const list = selectList(dialect, wanted, {
    ...names,
    ...constants,
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
