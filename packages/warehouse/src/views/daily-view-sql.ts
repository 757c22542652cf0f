import { isOneViewDefinition, KEY_COLUMNS, partColumns, partsSql } from './daily-part-sql.ts';
import type { DailyView } from './daily-view.ts';
import type { KnownColumns, View, ViewDialect } from './view-dialect.ts';

const MILLICENTS = 100_000;

/**
 * Sources are summed before they stand side by side, so that none multiplies another; nothing is
 * added across them, because an event may be in several: of each column one source says something,
 * and max() is what it says.
 */
export function dailyView(dialect: ViewDialect, view: DailyView, known: KnownColumns): View {
  const keys = Object.keys(KEY_COLUMNS);
  const values = Object.keys(partColumns(view)).filter((name) => !keys.includes(name));
  const joined = values.map((name) => `max(${name}) AS ${name}`);
  const { name, description } = view;
  return {
    name,
    description,
    query: `SELECT ${outputColumns(view).join(',\n       ')}
  FROM (
    SELECT ${keys.join(', ')},
           ${joined.join(', ')}
      FROM (
    ${partsSql(dialect, view, known)}) AS parts
     GROUP BY ${keys.join(', ')}) AS sources
  LEFT JOIN ${dialect.qualified('account_currencies')} AS currencies
    ON currencies.account_id = sources.account_id`,
  };
}

function outputColumns({ parts, costs, rates }: DailyView): string[] {
  return [
    'sources.account_id',
    'marketplace',
    'event_date',
    'campaign_id',
    `CASE WHEN is_suppressed THEN '(suppressed)' ELSE campaign END AS campaign`,
    'is_suppressed',
    ...parts.flatMap((part) => Object.keys(part.metrics)),
    ...(parts.some(isOneViewDefinition) ? ['view_definition'] : []),
    'currency',
    ...costs.map(
      (cost) =>
        `CASE WHEN currency IS NOT NULL THEN ${cost} / ${MILLICENTS} END AS ${cost}_in_currency`,
    ),
    ...Object.entries(rates).map(([name, formula]) => `${formula} AS ${name}`),
  ];
}
