import { isExactNumber } from '@traffic-events/singer';
import { isEventDate } from '@traffic-events/slice';
import type { ColumnKind } from '../column-kind.ts';
import { integerDigits } from '../integer-digits.ts';
import type { FieldForm } from '../token-encoder.ts';
import { UnfitValueError } from '../unfit-value-error.ts';
import { plainDecimal } from './plain-decimal.ts';

type Encode = (value: unknown) => string;

export const NULL_FIELD = 'null';

/**
 * Values of one kind of column as JSON of a load job. Numbers with digits behind the point go as
 * text, which BigQuery reads exactly; JSON goes as text, and is parsed in the transaction.
 */
export function fieldForm(kind: ColumnKind): FieldForm {
  return {
    nullField: NULL_FIELD,
    encode: ENCODERS[kind],
    plainText: kind === 'text' ? (line, start, end) => line.slice(start, end) : undefined,
    shortInteger: SHORT_INTEGERS[kind],
  };
}

/**
 * An integer as a load job reads it exactly: beyond 2^53 as text.
 * https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-json#limitations
 */
export function jsonInteger(digits: string): string {
  if (digits.length < SAFE_LENGTH) return digits;
  const isSafe = digits.length <= UNSAFE_LENGTH && Number.isSafeInteger(Number(digits));
  return isSafe ? digits : `"${digits}"`;
}

/** Shorter ones are within 2^53. */
const SAFE_LENGTH = 16;
/** Longer ones are beyond it, a sign and all. */
const UNSAFE_LENGTH = 17;

const SHORT_INTEGERS: Readonly<Partial<Record<ColumnKind, (digits: string) => string>>> = {
  integer: jsonInteger,
  numeric: (digits) => `"${digits}"`,
};

const ENCODERS: Readonly<Record<ColumnKind, Encode>> = {
  integer: encodeInteger,
  numeric: encodeNumeric,
  double: encodeDouble,
  boolean: encodeBoolean,
  date: matching(/^(\d{4}-\d{2}-\d{2})$/, 'a date such as 2026-01-31'),
  timestamp: encodeTimestamp,
  time: matching(
    /^(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?$/,
    'a time such as 06:00:00',
  ),
  uuid: matching(/^[\da-fA-F]{8}(?:-[\da-fA-F]{4}){3}-[\da-fA-F]{12}$/, 'a UUID'),
  text: encodeText,
  json: encodeJson,
};

const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);
const MAX_UINT64 = 2n ** 64n - 1n;

function encodeInteger(value: unknown): string {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  const digits = integerDigits(value);
  if (digits === undefined) throw unfit(value, 'a whole number');
  const integer = BigInt(digits);
  if (integer <= MAX_INT64 && integer >= MIN_INT64) return jsonInteger(String(integer));
  throw new UnfitValueError(
    `is ${digits}, beyond the 64 bits of its column. Have the schema say "number", or give it a "maximum" beyond them.`,
  );
}

function encodeNumeric(value: unknown): string {
  const decimal = plainDecimal(numberText(value));
  if (decimal !== undefined) return `"${decimal}"`;
  throw new UnfitValueError(
    `is ${show(value)}, beyond the 38 digits before and behind the point that BIGNUMERIC holds. Set number_type to double if they need not be exact.`,
  );
}

function encodeDouble(value: unknown): string {
  return numberText(value);
}

function numberText(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (isExactNumber(value)) return value.rawJSON;
  throw unfit(value, 'a number');
}

function encodeBoolean(value: unknown): string {
  if (typeof value === 'boolean') return String(value);
  throw unfit(value, 'true or false');
}

function encodeText(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : JSON.stringify(JSON.stringify(value));
}

/** Text of a certain form. */
function matching(pattern: RegExp, expected: string): Encode {
  return (value) => {
    const match = typeof value === 'string' ? pattern.exec(value) : null;
    const date = match?.[1];
    if (match === null || (date !== undefined && !isEventDate(date))) throw unfit(value, expected);
    return `"${match[0]}"`;
  };
}

const TIMESTAMP =
  /^(\d{4}-\d{2}-\d{2})(?:[T ]((?:[01]\d|2[0-3]):[0-5]\d)(?::([0-5]\d)(\.\d+)?)?(?:([Zz])|([+-](?:0\d|1[0-4])):?([0-5]\d)?)?)?$/;

/** BigQuery holds microseconds; finer digits are cut, as Meltano's SDK cuts them. */
function encodeTimestamp(value: unknown): string {
  const match = typeof value === 'string' ? TIMESTAMP.exec(value) : null;
  const [, date = '', minutes = '00:00', seconds = '00', fraction = '', , hours, rest] =
    match ?? [];
  if (!isEventDate(date)) throw unfit(value, 'an instant such as 2026-01-31T06:00:00Z');
  const zone = hours === undefined ? 'Z' : `${hours}:${rest ?? '00'}`;
  return `"${date}T${minutes}:${seconds}${fraction.slice(0, 7)}${zone}"`;
}

function encodeJson(value: unknown): string {
  refuseInexact(value);
  return JSON.stringify(JSON.stringify(value));
}

/** BigQuery's JSON holds integers of 64 bits and doubles; anything else it would round or refuse. */
function refuseInexact(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (!isExactNumber(value)) {
    for (const item of Object.values(value)) refuseInexact(item);
    return;
  }
  const isInteger = /^-?\d+$/.test(value.rawJSON);
  const integer = isInteger ? BigInt(value.rawJSON) : undefined;
  if (integer !== undefined && integer <= MAX_UINT64 && integer >= MIN_INT64) return;
  throw new UnfitValueError(
    `holds the number ${value.rawJSON}, which BigQuery's JSON cannot hold exactly. Have the tap send it as a string, or as a property of its own.`,
  );
}

function unfit(value: unknown, expected: string): UnfitValueError {
  return new UnfitValueError(`is ${show(value)}, but its column holds ${expected}.`);
}

function show(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
