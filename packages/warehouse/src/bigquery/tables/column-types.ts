import type { ColumnKind } from '../../tables/column-kind.ts';
import type { ColumnTypes } from '../../tables/fitting-kind.ts';

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
  NUMERIC: 'numeric',
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
  kindOf: (type) => KINDS[type.toUpperCase()],
  isAlterable,
  unfit: 'BigQuery cannot make it hold both',
  elsewhere: 'dataset',
};

/**
 * Widenings that ALTER COLUMN SET DATA TYPE makes without touching rows.
 * https://cloud.google.com/bigquery/docs/managing-table-schemas#change_column_data_type
 */
function isAlterable(from: ColumnKind, to: ColumnKind): boolean {
  return from === 'integer' && (to === 'numeric' || to === 'double');
}
