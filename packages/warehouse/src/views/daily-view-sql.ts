import { currencyJoins, inCurrency, inReportingCurrency } from './daily-currency-sql.ts';
import { DAY, grainsSql, isAskedSql, KEYS, readBy } from './daily-grain-sql.ts';
import { isOneViewDefinition, rowsOfPart } from './daily-part-sql.ts';
import { rateColumns, withheld } from './daily-rate-sql.ts';
import { GRAIN_OF_DAY, standingOutput, statusOf, wholenessOf } from './daily-standing-sql.ts';
import { metricsOf, tablesOf } from './daily-view.ts';
import type { DailyPart, DailySources, DailyView } from './daily-view.ts';
import { NAME_COLUMNS } from './part-columns.ts';
import type { KnownColumns, View, ViewDialect } from './view-dialect.ts';

/** How much of an account's date cannot be told apart by campaign, of the metric before it. */
const shareOf = (metric: string) => `${metric}_suppressed_share`;

/** A row per account, date and campaign, of the coarsest grain that tells campaigns apart. */
export function dailyView(dialect: ViewDialect, view: DailyView, known: KnownColumns): View {
  const sources: DailySources = { view, grains: ['fine', 'campaign'] };
  const keys = KEYS.join(', ');
  const { name, description } = view;
  return {
    name,
    description,
    reads: readBy(sources),
    query: `SELECT ${outputColumns(view).join(',\n       ')}
  FROM (
    SELECT days.*,
           ${[...filledMetrics(view), ...shares(view)].join(',\n           ')}
      FROM (
        SELECT ${keys}, ${GRAIN_OF_DAY},
               ${sideBySide(sources, known).join(',\n               ')}
          FROM (
            SELECT * FROM (
            ${grainsSql(dialect, sources, known)}) AS all_grains
             WHERE is_standing OR grain = ${GRAIN_OF_DAY}) AS sources) AS days) AS told${currencyJoins(dialect, view, 'told')}
 WHERE NOT is_standing`,
  };
}

/** What the sources say of the campaign, beside what they say of the whole date. */
function sideBySide(sources: DailySources, known: KnownColumns): string[] {
  const { view } = sources;
  return [
    ...Object.keys(NAME_COLUMNS),
    ...(view.parts.some(isOneViewDefinition) ? ['view_definition'] : []),
    ...tablesOf(view).flatMap((table) =>
      [statusOf(table), wholenessOf(table)].map((name) => `max(${name}) ${DAY} AS ${name}`),
    ),
    ...view.parts.flatMap((part, index) => [
      rowsOfPart(index),
      ...Object.keys(part.metrics).flatMap((metric) => [
        `${metric} AS ${told(metric)}`,
        `${withheldSql(sources, known, index, metric)} AS ${withheld(metric)}`,
        `${totalSql(index, metric)} AS ${total(metric)}`,
      ]),
    ]),
  ];
}

/** Nothing is withheld only where the slice is whole and has no such row; else it is unknown. */
function withheldSql(
  sources: DailySources,
  known: KnownColumns,
  index: number,
  metric: string,
): string {
  const part = sources.view.parts[index] as DailyPart;
  const rows = `sum(CASE WHEN is_suppressed THEN ${rowsOfPart(index)} END) ${DAY}`;
  const sum = `max(CASE WHEN is_suppressed THEN ${metric} END) ${DAY}`;
  const isNone = `max(${wholenessOf(part.table)}) ${DAY} = 1 AND ${isAskedSql(sources, known, part, metric)}`;
  return `CASE WHEN ${rows} > 0 THEN ${sum} WHEN ${isNone} THEN 0 END`;
}

/** The date's sum of a metric, unknown where that of one of its rows is. */
function totalSql(index: number, metric: string): string {
  const unknown = `count(CASE WHEN ${rowsOfPart(index)} > 0 AND ${metric} IS NULL THEN 1 END) ${DAY}`;
  return `CASE WHEN ${unknown} = 0 THEN sum(${metric}) ${DAY} END`;
}

/** A source that is whole, withholds nothing and does not name the campaign counted 0 of it. */
function filledMetrics({ parts }: DailyView): string[] {
  return parts.flatMap(({ table, metrics }, index) => {
    const isNone = `${rowsOfPart(index)} IS NULL AND ${wholenessOf(table)} = 1`;
    return Object.keys(metrics).map(
      (metric) =>
        `CASE WHEN ${isNone} AND ${withheld(metric)} = 0 THEN 0 ELSE ${told(metric)} END AS ${metric}`,
    );
  });
}

function shares(view: DailyView): string[] {
  return metricsOf(view).map(
    (metric) => `${withheld(metric)} / nullif(${total(metric)}, 0) AS ${shareOf(metric)}`,
  );
}

/** Columns are only ever added at the end: views of the user's own stay on a view that is replaced. */
function outputColumns(view: DailyView): string[] {
  const { parts, costs, rates } = view;
  const metrics = metricsOf(view);
  const shown = new Set(
    Object.values(rates).flatMap(({ of, numerator }) => (of === 'share' ? [numerator] : [])),
  );
  const bounds = Object.entries(rates).flatMap(([name, rate]) =>
    Object.entries(rateColumns(name, rate)).filter(([column]) => column !== name),
  );
  return [
    'told.account_id',
    'marketplace',
    'event_date',
    'campaign_id',
    `CASE WHEN is_suppressed THEN '(suppressed)' ELSE campaign END AS campaign`,
    'is_suppressed',
    ...metrics,
    ...(parts.some(isOneViewDefinition) ? ['view_definition'] : []),
    'currency',
    ...inCurrency(costs),
    ...Object.entries(rates).flatMap(([name, rate]) => [
      `${rateColumns(name, rate)[name]} AS ${name}`,
      ...(rate.of === 'share' ? [shareOf(rate.numerator)] : []),
    ]),
    ...bounds.map(([name, formula]) => `${formula} AS ${name}`),
    ...metrics.map(withheld),
    ...metrics.filter((metric) => !shown.has(metric)).map(shareOf),
    ...standingOutput(view),
    ...inReportingCurrency(costs),
    `${GRAIN_OF_DAY} AS grain`,
  ];
}

function told(metric: string): string {
  return `${metric}_told`;
}

function total(metric: string): string {
  return `${metric}_total`;
}
