import type { ColumnKind } from '../../tables/column-kind.ts';
import type { ColumnTypes } from '../../tables/fitting-kind.ts';

/** SQL types by kind, as `format_type` spells them. */
export const SQL_TYPES: Readonly<Record<ColumnKind, string>> = {
  integer: 'bigint',
  numeric: 'numeric',
  double: 'double precision',
  boolean: 'boolean',
  date: 'date',
  timestamp: 'timestamp with time zone',
  time: 'time without time zone',
  uuid: 'uuid',
  text: 'text',
  json: 'jsonb',
};

const KINDS = new Map(Object.entries(SQL_TYPES).map(([kind, type]) => [type, kind as ColumnKind]));

/** Other types that hold what a kind holds, in tables that this loader did not make. */
const ALIKE: readonly (readonly [RegExp, ColumnKind])[] = [
  [/^numeric\b/, 'numeric'],
  [/^character varying$/, 'text'],
  [/^json$/, 'json'],
];

/** Any widening is one that ALTER TABLE makes. */
export const COLUMN_TYPES: ColumnTypes = {
  types: SQL_TYPES,
  kindOf: kindOfSqlType,
  isAlterable: () => true,
  unfit: 'no type holds both',
  elsewhere: 'schema',
};

function kindOfSqlType(sqlType: string): ColumnKind | undefined {
  return KINDS.get(sqlType) ?? ALIKE.find(([pattern]) => pattern.test(sqlType))?.[1];
}
