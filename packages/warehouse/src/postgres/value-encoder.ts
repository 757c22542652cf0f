import { isExactNumber } from '@traffic-events/singer';
import { isEventDate } from '@traffic-events/slice';
import type { ColumnKind } from '../column-kind.ts';
import { copyField, NULL_FIELD } from './copy-text.ts';

/** Thrown for a value that a column cannot hold; the caller adds stream, record and property. */
export class UnfitValueError extends Error {
  override readonly name = 'UnfitValueError';
}

type Encoder = (value: unknown) => string;

/** The value of a record's property as a field of COPY's text format. Throws `UnfitValueError`. */
export function encoderOf(kind: ColumnKind): Encoder {
  const encode = ENCODERS[kind];
  return (value) => (value === null || value === undefined ? NULL_FIELD : encode(value));
}

const ENCODERS: Readonly<Record<ColumnKind, Encoder>> = {
  integer: encodeInteger,
  numeric: encodeNumber,
  double: encodeNumber,
  boolean: encodeBoolean,
  date: matching(/^(\d{4}-\d{2}-\d{2})$/, 'a date such as 2026-01-31'),
  timestamp: matching(
    /^(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|z|[+-]\d{2}(?::?\d{2})?)?)?$/,
    'an instant such as 2026-01-31T06:00:00Z',
  ),
  time: matching(/^\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|z)?$/, 'a time such as 06:00:00'),
  uuid: matching(/^[\da-fA-F]{8}(?:-[\da-fA-F]{4}){3}-[\da-fA-F]{12}$/, 'a UUID'),
  text: (value) => copyField(typeof value === 'string' ? value : JSON.stringify(value)),
  json: encodeJson,
};

const MAX_BIGINT = 2n ** 63n - 1n;
const MIN_BIGINT = -(2n ** 63n);

function encodeInteger(value: unknown): string {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  const digits = integerDigits(value);
  if (digits === undefined) throw unfit(value, 'a whole number');
  const integer = BigInt(digits);
  if (integer <= MAX_BIGINT && integer >= MIN_BIGINT) return String(integer);
  throw new UnfitValueError(
    `is ${digits}, beyond the 64 bits of its column. Have the schema say "number", or give it a "maximum" beyond them.`,
  );
}

function integerDigits(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? String(BigInt(value)) : undefined;
  if (!isExactNumber(value)) return undefined;
  const match = /^(-?\d+)(?:\.0+)?$/.exec(value.rawJSON);
  return match?.[1];
}

function encodeNumber(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (isExactNumber(value)) return value.rawJSON;
  throw unfit(value, 'a number');
}

function encodeBoolean(value: unknown): string {
  if (typeof value === 'boolean') return value ? 't' : 'f';
  throw unfit(value, 'true or false');
}

/** Text of a certain form. PostgreSQL itself would take more: `now`, `infinity`, `tomorrow`. */
function matching(pattern: RegExp, expected: string): Encoder {
  return (value) => {
    const match = typeof value === 'string' ? pattern.exec(value) : null;
    if (match === null) throw unfit(value, expected);
    const date = match[1];
    if (date !== undefined && !isEventDate(date)) throw unfit(value, expected);
    return match[0];
  };
}

/** A backslash that is itself escaped does not begin an escape. */
const NUL_ESCAPE = /(?<!\\)(?:\\\\)*\\u0000/;

function encodeJson(value: unknown): string {
  const text = JSON.stringify(value);
  if (text.includes('\\u0000') && NUL_ESCAPE.test(text)) return copyField('\u0000');
  return copyField(text);
}

function unfit(value: unknown, expected: string): UnfitValueError {
  const text = JSON.stringify(value);
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return new UnfitValueError(`is ${shown}, but its column holds ${expected}.`);
}
