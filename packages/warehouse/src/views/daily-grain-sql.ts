import { tableOfGrain } from '@traffic-events/slice';
import { partColumns, partsSql } from './daily-part-sql.ts';
import { GRAIN_OF_DAY } from './daily-standing-sql.ts';
import { tablesOf } from './daily-view.ts';
import type { DailyPart, DailySources } from './daily-view.ts';
import { KEY_COLUMNS } from './part-columns.ts';
import type { KnownColumns, ViewDialect } from './view-dialect.ts';

export const DAY = 'OVER (PARTITION BY account_id, event_date)';
export const KEYS: readonly string[] = Object.keys(KEY_COLUMNS);

/**
 * Sources are summed before they stand side by side, so that none multiplies another; nothing is
 * added across them, because an event may be in several: of each column one source says something,
 * and max() is what it says. Each row knows at which grain its date is read.
 */
export function grainsSql(
  dialect: ViewDialect,
  sources: DailySources,
  known: KnownColumns,
): string {
  const values = Object.keys(partColumns(sources)).filter((name) => !KEYS.includes(name));
  const merged = values.map((name) => `max(${name}) AS ${name}`);
  const others = values.filter((name) => name !== GRAIN_OF_DAY);
  return `SELECT ${[...KEYS, ...others].join(', ')},
                   coalesce(max(${GRAIN_OF_DAY}) ${DAY}, 'fine') AS ${GRAIN_OF_DAY}
              FROM (
                SELECT ${KEYS.join(', ')}, ${merged.join(', ')}
                  FROM (
    ${partsSql(dialect, sources, known)}) AS parts
                 GROUP BY ${KEYS.join(', ')}) AS grains`;
}

/** Tables that a view of days reads where they are there. */
export function readBy({ view, grains }: DailySources): string[] {
  return tablesOf(view).flatMap((table) => grains.map((grain) => tableOfGrain(table, grain)));
}

/** Whether the table that is read has the metric at all; one that is not asked for is not 0. */
export function isAskedSql(
  { grains }: DailySources,
  known: KnownColumns,
  { table, metrics }: DailyPart,
  metric: string,
): string {
  const asked = grains.filter((grain) =>
    known.get(tableOfGrain(table, grain))?.has(metrics[metric] ?? ''),
  );
  if (asked.length === grains.length) return 'TRUE';
  if (asked.length === 0) return 'FALSE';
  return `${GRAIN_OF_DAY} IN (${asked.map((grain) => `'${grain}'`).join(', ')})`;
}
