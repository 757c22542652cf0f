import { tableOfGrain } from '@traffic-events/slice';
import type { Grain } from '@traffic-events/slice';
import { IS_HOLDING } from '../slices/status-sql.ts';
import { tablesOf } from './daily-view.ts';
import type { DailySources, DailyView } from './daily-view.ts';
import { selectList } from './part-columns.ts';
import type { PartColumns } from './part-columns.ts';
import { standingSql } from './standing-sql.ts';
import type { KnownColumns, ViewDialect } from './view-dialect.ts';

/** Columns that say how a table's slice stands at the grain that is read, the second as 1 and 0. */
export const statusOf = (table: string) => `${table}_status`;
export const wholenessOf = (table: string) => `${table}_is_whole`;
/** Whether the slices of the campaign and the account grain are of one execution, as 1 and 0. */
export const bundleOf = (table: string) => `${table}_is_bundled`;
const holdingOf = (table: string) => `${table}_is_held`;
const executionOf = (table: string) => `${table}_execution`;
/** The grain at which a date of an account is read. */
export const GRAIN_OF_DAY = 'grain_of_day';

export function standingColumns(view: DailyView): PartColumns {
  return Object.fromEntries([
    [GRAIN_OF_DAY, 'text'],
    ...tablesOf(view).flatMap((table) => [
      [statusOf(table), 'text'],
      [wholenessOf(table), 'integer'],
      [bundleOf(table), 'integer'],
    ]),
  ]) as PartColumns;
}

/** A row per account and date: at which grain it is read, and how the slices of the view's tables stand. */
export function standingsSql(
  dialect: ViewDialect,
  { view, grains }: DailySources,
  known: KnownColumns,
  wanted: PartColumns,
): string {
  const tables = tablesOf(view);
  // What is of a finer table is told though the table is not there: it may be missed.
  const read = tables.flatMap((table) =>
    grains
      .map((grain) => tableOfGrain(table, grain))
      .filter((name) => name === table || known.has(name)),
  );
  const facts = tables.flatMap((table) => [
    [statusOf(table), ofGrain(table, grains, read, statusOf)],
    [wholenessOf(table), ofGrain(table, grains, read, wholenessOf)],
    [bundleOf(table), isBundled(table, read)],
  ]);
  const list = selectList(dialect, wanted, {
    account_id: 'account_id',
    event_date: 'event_date',
    is_suppressed: 'FALSE',
    campaign_key: "''",
    is_standing: 'TRUE',
    grain: "''",
    marketplace: 'marketplace',
    [GRAIN_OF_DAY]: GRAIN_OF_DAY,
    ...Object.fromEntries(facts),
  });
  return `SELECT ${list}
      FROM (
        SELECT slices.*, ${grainOfDay(tables, grains, read)} AS ${GRAIN_OF_DAY}
          FROM (${slicesSql(dialect, read)}) AS slices) AS standing`;
}

/** How the slices of tables stand, side by side. */
function slicesSql(dialect: ViewDialect, tables: readonly string[]): string {
  const of = (table: string, value: string) =>
    `max(CASE WHEN stream = ${dialect.literal(table)} THEN ${value} END)`;
  const columns = tables.flatMap((table) => [
    `${of(table, 'status')} AS ${statusOf(table)}`,
    `${of(table, 'CASE WHEN complete AND settled AND NOT suspect THEN 1 ELSE 0 END')} AS ${wholenessOf(table)}`,
    `${of(table, `CASE WHEN status ${IS_HOLDING} THEN 1 ELSE 0 END`)} AS ${holdingOf(table)}`,
    `${of(table, 'execution_id')} AS ${executionOf(table)}`,
  ]);
  const held = ['marketplace', 'status', 'execution_id', 'complete', 'settled', 'suspect'];
  const streams = tables.map((table) => dialect.literal(table)).join(', ');
  return `SELECT account_id, event_date, max(marketplace) AS marketplace,
               ${columns.join(',\n               ')}
          FROM (${standingSql(dialect, held, `stream IN (${streams})`)}) AS latest
         GROUP BY 1, 2`;
}

/**
 * The coarsest grain that all of the date can be read at: one in which a rate would have its
 * numerator from one grain and its denominator from another is passed over.
 */
function grainOfDay(
  tables: readonly string[],
  grains: readonly Grain[],
  read: readonly string[],
): string {
  const cases = grains
    .slice(1)
    .toReversed()
    .flatMap((grain) => {
      const finer = grains.slice(0, grains.indexOf(grain));
      const usable = tables.filter((table) => read.includes(tableOfGrain(table, grain)));
      if (usable.length === 0) return [];
      const isUsed = usable.map((table) => isUsable(table, grain, finer, read));
      const isMissed = tables.map((table) => isMissing(table, grain, finer, read));
      return [`WHEN (${isUsed.join(' OR ')}) AND NOT (${isMissed.join(' OR ')}) THEN '${grain}'`];
    });
  return cases.length === 0 ? "'fine'" : `CASE ${cases.join(' ')} ELSE 'fine' END`;
}

/** A slice that is not whole stands behind a finer one that is. */
function isUsable(
  table: string,
  grain: Grain,
  finer: readonly Grain[],
  read: readonly string[],
): string {
  const own = tableOfGrain(table, grain);
  if (!read.includes(own)) return 'FALSE';
  const isFinerWhole = anyOf(table, finer, read, wholenessOf);
  return `(${isOne(holdingOf(own))} AND (${isOne(wholenessOf(own))} OR NOT ${isFinerWhole}))`;
}

/** The table is held, but not at this grain. */
function isMissing(
  table: string,
  grain: Grain,
  finer: readonly Grain[],
  read: readonly string[],
): string {
  return `(${anyOf(table, finer, read, holdingOf)} AND NOT ${isUsable(table, grain, finer, read)})`;
}

function anyOf(
  table: string,
  grains: readonly Grain[],
  read: readonly string[],
  fact: (table: string) => string,
): string {
  const tables = grains.map((grain) => tableOfGrain(table, grain)).filter((t) => read.includes(t));
  return `(${tables.map((name) => isOne(fact(name))).join(' OR ')})`;
}

function isOne(column: string): string {
  return `coalesce(${column}, 0) = 1`;
}

function ofGrain(
  table: string,
  grains: readonly Grain[],
  read: readonly string[],
  fact: (table: string) => string,
): string {
  const coarser = grains.flatMap((grain) => {
    const own = tableOfGrain(table, grain);
    return own !== table && read.includes(own) ? [`WHEN '${grain}' THEN ${fact(own)}`] : [];
  });
  if (coarser.length === 0) return fact(table);
  return `CASE ${GRAIN_OF_DAY} ${coarser.join(' ')} ELSE ${fact(table)} END`;
}

function isBundled(table: string, read: readonly string[]): string {
  const [campaign, account] = [tableOfGrain(table, 'campaign'), tableOfGrain(table, 'account')];
  if (!read.includes(campaign) || !read.includes(account)) return '0';
  return `CASE WHEN ${executionOf(campaign)} = ${executionOf(account)} THEN 1 ELSE 0 END`;
}

/** Wholeness as people read it. */
export function standingOutput(view: DailyView): string[] {
  return tablesOf(view).flatMap((table) => [
    statusOf(table),
    `coalesce(${wholenessOf(table)} = 1, FALSE) AS ${wholenessOf(table)}`,
  ]);
}
