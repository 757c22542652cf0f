import { currencyJoins, inCurrency, inReportingCurrency } from './daily-currency-sql.ts';
import { grainsSql, isAskedSql, readBy } from './daily-grain-sql.ts';
import { isOneViewDefinition, rowsOfPart } from './daily-part-sql.ts';
import { rateColumns } from './daily-rate-sql.ts';
import {
  bundleOf,
  GRAIN_OF_DAY,
  standingOutput,
  statusOf,
  wholenessOf,
} from './daily-standing-sql.ts';
import { metricsOf, tablesOf } from './daily-view.ts';
import type { DailyPart, DailySources, DailyView } from './daily-view.ts';
import type { KnownColumns, View, ViewDialect } from './view-dialect.ts';

/** What the account's total has more than its campaigns and what is withheld of them. */
const differenceOf = (metric: string) => `${metric}_difference`;
const byCampaign = (column: string) => `${column}_by_campaign`;
const told = (metric: string) => `${metric}_told`;

/** A row per account and date that the ledger knows, of the coarsest grain that is held. */
export function accountView(dialect: ViewDialect, view: DailyView, known: KnownColumns): View {
  const sources: DailySources = { view, grains: ['fine', 'campaign', 'account'] };
  const { name, description } = view.ofAccount;
  return {
    name,
    description,
    reads: readBy(sources),
    query: `SELECT ${outputColumns(view).join(',\n       ')}
  FROM (
    SELECT days.*, FALSE AS is_suppressed,
           ${[...filledMetrics(sources, known), ...differences(view)].join(',\n           ')}
      FROM (
        SELECT account_id, event_date, ${GRAIN_OF_DAY}, max(marketplace) AS marketplace,
               ${ofDay(view).join(',\n               ')}
          FROM (
            SELECT account_id, event_date, ${GRAIN_OF_DAY}, grain, max(marketplace) AS marketplace,
                   ${ofGrain(view).join(',\n                   ')}
              FROM (
            ${grainsSql(dialect, sources, known)}) AS all_grains
             GROUP BY account_id, event_date, ${GRAIN_OF_DAY}, grain) AS sums
         GROUP BY account_id, event_date, ${GRAIN_OF_DAY}) AS days) AS told${currencyJoins(dialect, view, 'told')}`,
  };
}

/** The sums of each grain, unknown where one of its rows is. */
function ofGrain(view: DailyView): string[] {
  return [
    ...definitionOf(view),
    ...standingsOf(view),
    ...view.parts.flatMap(({ metrics }, index) => [
      `sum(${rowsOfPart(index)}) AS ${rowsOfPart(index)}`,
      ...Object.keys(metrics).map(
        (metric) =>
          `CASE WHEN count(CASE WHEN ${rowsOfPart(index)} > 0 AND ${metric} IS NULL THEN 1 END) = 0 THEN sum(${metric}) END AS ${metric}`,
      ),
    ]),
  ];
}

function ofDay(view: DailyView): string[] {
  return [
    ...(view.parts.some(isOneViewDefinition) ? both('view_definition') : []),
    ...standingsOf(view),
    ...view.parts.flatMap(({ metrics }, index) => [
      ...both(rowsOfPart(index)),
      ...Object.keys(metrics).flatMap((metric) => both(metric, told(metric))),
    ]),
  ];
}

/** What the grain that is read says, and the campaign grain beside it. */
function both(column: string, as = column): string[] {
  return [
    `max(CASE WHEN grain = ${GRAIN_OF_DAY} THEN ${column} END) AS ${as}`,
    `max(CASE WHEN grain = 'campaign' THEN ${column} END) AS ${byCampaign(column)}`,
  ];
}

function definitionOf({ parts }: DailyView): string[] {
  return parts.some(isOneViewDefinition) ? ['max(view_definition) AS view_definition'] : [];
}

function standingsOf(view: DailyView): string[] {
  return tablesOf(view).flatMap((table) =>
    [statusOf(table), wholenessOf(table), bundleOf(table)].map((name) => `max(${name}) AS ${name}`),
  );
}

/** A source that is whole and has no rows counted 0. */
function filledMetrics(sources: DailySources, known: KnownColumns): string[] {
  return sources.view.parts.flatMap((part, index) =>
    Object.keys(part.metrics).map((metric) => {
      const isNone = `${rowsOfPart(index)} IS NULL AND ${wholenessOf(part.table)} = 1`;
      const isAsked = isAskedSql(sources, known, part, metric);
      return `CASE WHEN ${isNone} AND ${isAsked} THEN 0 ELSE ${told(metric)} END AS ${metric}`;
    }),
  );
}

/** Of one execution alone: another has seen other events. */
function differences({ parts }: DailyView): string[] {
  return parts.flatMap((part, index) =>
    Object.keys(part.metrics).map((metric) => {
      const isAlike = `${GRAIN_OF_DAY} = 'account' AND ${bundleOf(part.table)} = 1${ofOneDefinition(part)}`;
      const campaigns = `CASE WHEN ${byCampaign(rowsOfPart(index))} IS NULL THEN 0 ELSE ${byCampaign(metric)} END`;
      return `CASE WHEN ${isAlike} THEN ${told(metric)} - (${campaigns}) END AS ${differenceOf(metric)}`;
    }),
  );
}

function ofOneDefinition(part: DailyPart): string {
  return isOneViewDefinition(part) ? ` AND view_definition = ${byCampaign('view_definition')}` : '';
}

/** Columns are only ever added at the end, as those of the views by campaign. */
function outputColumns(view: DailyView): string[] {
  const { parts, costs, rates } = view;
  const metrics = metricsOf(view);
  return [
    'told.account_id',
    'marketplace',
    'event_date',
    `${GRAIN_OF_DAY} AS grain`,
    ...metrics,
    ...(parts.some(isOneViewDefinition) ? ['view_definition'] : []),
    'currency',
    ...inCurrency(costs),
    ...inReportingCurrency(costs),
    ...Object.entries(rates).map(([name, rate]) => `${rateColumns(name, rate)[name]} AS ${name}`),
    ...metrics.map(differenceOf),
    ...standingOutput(view),
  ];
}
