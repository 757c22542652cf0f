import type { ColumnKind } from '../../tables/column-kind.ts';
import {
  decimalsOf,
  instantsInUtc,
  instantsOf,
  integersBetween,
  paddedTexts,
  singlePrecision,
  textsUpTo,
} from '../../tables/column-limits.ts';
import type { ColumnTypes, HeldType } from '../../tables/fitting-column.ts';

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

/** Other types that hold something of what a kind holds, in tables that this loader did not make. */
const OTHERS: readonly (readonly [RegExp, (size: readonly number[]) => HeldType])[] = [
  [/^smallint$/, () => ({ kind: 'integer', holds: integersBetween(-32_768n, 32_767n) })],
  [/^integer$/, () => ({ kind: 'integer', holds: integersBetween(-(2n ** 31n), 2n ** 31n - 1n) })],
  [
    /^numeric\((\d+),(-?\d+)\)$/,
    ([precision = 0, scale = 0]) => ({ kind: 'numeric', holds: decimalsOf(precision, scale) }),
  ],
  [/^real$/, () => ({ kind: 'double', holds: singlePrecision })],
  [/^character varying$/, () => ({ kind: 'text' })],
  [/^character varying\((\d+)\)$/, ([length = 0]) => ({ kind: 'text', holds: textsUpTo(length) })],
  [/^character\((\d+)\)$/, ([length = 0]) => ({ kind: 'text', holds: paddedTexts(length) })],
  [
    /^timestamp\((\d)\) with time zone$/,
    ([precision = 0]) => ({ kind: 'timestamp', holds: instantsOf(precision) }),
  ],
  [
    /^timestamp\((\d)\) without time zone$/,
    ([precision = 0]) => ({ kind: 'timestamp', holds: instantsInUtc(precision) }),
  ],
  [/^timestamp without time zone$/, () => ({ kind: 'timestamp', holds: instantsInUtc() })],
  [/^json$/, () => ({ kind: 'json' })],
];

/** Any widening is one that ALTER TABLE makes. */
export const COLUMN_TYPES: ColumnTypes = {
  types: SQL_TYPES,
  heldType,
  isAlterable: () => true,
  unfit: 'no type holds both',
  elsewhere: 'schema',
};

function heldType(sqlType: string): HeldType | undefined {
  const kind = KINDS.get(sqlType);
  if (kind !== undefined) return { kind };
  for (const [pattern, typeOf] of OTHERS) {
    const match = pattern.exec(sqlType);
    if (match !== null) return typeOf(match.slice(1).map(Number));
  }
  return undefined;
}
