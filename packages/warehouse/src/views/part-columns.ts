import type { ViewDialect, ViewType } from './view-dialect.ts';

/** Columns that every source gives, in order; those that it does not have are NULL. */
export type PartColumns = Readonly<Record<string, ViewType>>;

/** What tells the rows of a daily view's sources apart. Sources group by the first four. */
export const KEY_COLUMNS = {
  account_id: 'text',
  event_date: 'date',
  is_suppressed: 'boolean',
  campaign_key: 'text',
  is_standing: 'boolean',
  grain: 'text',
} as const satisfies PartColumns;

export const NAME_COLUMNS = {
  marketplace: 'text',
  campaign_id: 'integer',
  campaign: 'text',
} as const satisfies PartColumns;

export function selectList(
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

export function typed(dialect: ViewDialect, type: ViewType, value: string): string {
  return `CAST(${value} AS ${dialect.types[type]})`;
}
