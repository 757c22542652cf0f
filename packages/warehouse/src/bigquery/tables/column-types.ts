import type { ColumnKind } from '../../tables/column-kind.ts';
import { decimalsOf, textsUpTo } from '../../tables/column-limits.ts';
import type { ColumnTypes, HeldType } from '../../tables/fitting-column.ts';

/** Types by kind, as the API spells them. `number` needs a scale beyond NUMERIC's nine digits. */
export const FIELD_TYPES: Readonly<Record<ColumnKind, string>> = {
  integer: 'INTEGER',
  numeric: 'BIGNUMERIC',
  double: 'FLOAT',
  boolean: 'BOOLEAN',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  time: 'TIME',
  uuid: 'STRING',
  text: 'STRING',
  json: 'JSON',
};

const KINDS: Readonly<Record<string, ColumnKind>> = {
  INTEGER: 'integer',
  INT64: 'integer',
  BIGNUMERIC: 'numeric',
  FLOAT: 'double',
  FLOAT64: 'double',
  BOOLEAN: 'boolean',
  BOOL: 'boolean',
  DATE: 'date',
  TIMESTAMP: 'timestamp',
  TIME: 'time',
  STRING: 'text',
  JSON: 'json',
};

export const COLUMN_TYPES: ColumnTypes = {
  types: FIELD_TYPES,
  heldType,
  isAlterable,
  unfit: 'BigQuery cannot make it hold both',
  elsewhere: 'dataset',
};

/** Digits of a NUMERIC without parameters, and of those how many behind the point. */
const NUMERIC_SIZE = [38, 9] as const;

function heldType(type: string): HeldType | undefined {
  const [, name = '', first, second] = /^(\w+)(?:\((\d+)(?:,(\d+))?\))?$/.exec(type) ?? [];
  const upper = name.toUpperCase();
  const kind = upper === 'NUMERIC' ? 'numeric' : KINDS[upper];
  if (kind === undefined) return undefined;
  if (kind === 'text' && first !== undefined) return { kind, holds: textsUpTo(Number(first)) };
  if (first !== undefined) return { kind, holds: decimalsOf(Number(first), Number(second ?? 0)) };
  return upper === 'NUMERIC' ? { kind, holds: decimalsOf(...NUMERIC_SIZE) } : { kind };
}

/**
 * Widenings that ALTER COLUMN SET DATA TYPE makes without touching rows.
 * https://cloud.google.com/bigquery/docs/managing-table-schemas#change_column_data_type
 */
function isAlterable(from: ColumnKind, to: ColumnKind): boolean {
  return from === 'integer' && (to === 'numeric' || to === 'double');
}
