import {
  isOneViewDefinition,
  KEY_COLUMNS,
  NAME_COLUMNS,
  partColumns,
  partsSql,
  rowsOfPart,
  statusOf,
  wholenessOf,
} from './daily-part-sql.ts';
import { rateColumns, withheld } from './daily-rate-sql.ts';
import { metricsOf, tablesOf } from './daily-view.ts';
import type { DailyPart, DailyView } from './daily-view.ts';
import { CURRENCIES_TABLE, RATES_TABLE } from '../tables/naming.ts';
import type { KnownColumns, View, ViewDialect } from './view-dialect.ts';

const MILLICENTS = 100_000;
const DAY = 'OVER (PARTITION BY account_id, event_date)';

/** How much of an account's date cannot be told apart by campaign, of the metric before it. */
const shareOf = (metric: string) => `${metric}_suppressed_share`;

/**
 * Sources are summed before they stand side by side, so that none multiplies another; nothing is
 * added across them, because an event may be in several: of each column one source says something,
 * and max() is what it says.
 */
export function dailyView(dialect: ViewDialect, view: DailyView, known: KnownColumns): View {
  const keys = Object.keys(KEY_COLUMNS).join(', ');
  const { name, description } = view;
  return {
    name,
    description,
    query: `SELECT ${outputColumns(view).join(',\n       ')}
  FROM (
    SELECT days.*,
           ${[...filledMetrics(view), ...shares(view)].join(',\n           ')}
      FROM (
        SELECT ${keys},
               ${sideBySide(view, known).join(',\n               ')}
          FROM (
            SELECT ${keys}, ${merged(view).join(', ')}
              FROM (
    ${partsSql(dialect, view, known)}) AS parts
             GROUP BY ${keys}) AS sources) AS days) AS told
  LEFT JOIN ${dialect.qualified(CURRENCIES_TABLE)} AS currencies
    ON currencies.account_id = told.account_id${rates(dialect, view)}
 WHERE NOT is_standing`,
  };
}

/** Rates stand by their dates and currencies, so that a row has one at most. */
function rates(dialect: ViewDialect, { costs }: DailyView): string {
  if (costs.length === 0) return '';
  return `
  LEFT JOIN ${dialect.qualified(RATES_TABLE)} AS rates
    ON rates.rate_date = told.event_date
   AND rates.from_currency = currencies.currency
   AND rates.to_currency = currencies.reporting_currency`;
}

/** NULL where the rate is not known, which \`currency\` beside it shows. */
function reported(costs: readonly string[]): string[] {
  if (costs.length === 0) return [];
  const rate = 'CASE WHEN currency = reporting_currency THEN 1 ELSE rate END';
  return [
    'reporting_currency',
    `${rate} AS exchange_rate`,
    ...costs.map((cost) => `${cost} / ${MILLICENTS} * (${rate}) AS ${cost}_in_reporting_currency`),
  ];
}

function merged(view: DailyView): string[] {
  const keys = Object.keys(KEY_COLUMNS);
  const values = Object.keys(partColumns(view)).filter((name) => !keys.includes(name));
  return values.map((name) => `max(${name}) AS ${name}`);
}

/** What the sources say of the campaign, beside what they say of the whole date. */
function sideBySide(view: DailyView, known: KnownColumns): string[] {
  return [
    ...Object.keys(NAME_COLUMNS),
    ...(view.parts.some(isOneViewDefinition) ? ['view_definition'] : []),
    ...tablesOf(view).flatMap((table) =>
      [statusOf(table), wholenessOf(table)].map((name) => `max(${name}) ${DAY} AS ${name}`),
    ),
    ...view.parts.flatMap((part, index) => [
      rowsOfPart(index),
      ...Object.entries(part.metrics).flatMap(([metric, column]) => [
        `${metric} AS ${told(metric)}`,
        `${known.get(part.table)?.has(column) ? withheldSql(part, index, metric) : metric} AS ${withheld(metric)}`,
        `${totalSql(index, metric)} AS ${total(metric)}`,
      ]),
    ]),
  ];
}

/** Nothing is withheld only where the slice is whole and has no such row; else it is unknown. */
function withheldSql({ table }: DailyPart, index: number, metric: string): string {
  const rows = `sum(CASE WHEN is_suppressed THEN ${rowsOfPart(index)} END) ${DAY}`;
  const sum = `max(CASE WHEN is_suppressed THEN ${metric} END) ${DAY}`;
  return `CASE WHEN ${rows} > 0 THEN ${sum} WHEN max(${wholenessOf(table)}) ${DAY} = 1 THEN 0 END`;
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
    ...costs.map(
      (cost) =>
        `CASE WHEN currency IS NOT NULL THEN ${cost} / ${MILLICENTS} END AS ${cost}_in_currency`,
    ),
    ...Object.entries(rates).flatMap(([name, rate]) => [
      `${rateColumns(name, rate)[name]} AS ${name}`,
      ...(rate.of === 'share' ? [shareOf(rate.numerator)] : []),
    ]),
    ...bounds.map(([name, formula]) => `${formula} AS ${name}`),
    ...metrics.map(withheld),
    ...metrics.filter((metric) => !shown.has(metric)).map(shareOf),
    ...tablesOf(view).flatMap((table) => [
      statusOf(table),
      `coalesce(${wholenessOf(table)} = 1, FALSE) AS ${wholenessOf(table)}`,
    ]),
    ...reported(costs),
  ];
}

function told(metric: string): string {
  return `${metric}_told`;
}

function total(metric: string): string {
  return `${metric}_total`;
}
