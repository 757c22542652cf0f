import { isExactNumber } from '@traffic-events/singer';
import type { ColumnKind } from '../../tables/column-kind.ts';
import type { FieldForm } from '../../messages/token-encoder.ts';
import { UnfitValueError } from '../../tables/unfit-value-error.ts';
import {
  booleanOf,
  dateText,
  doubleText,
  integerText,
  isDate,
  MIN_INT64,
  numberText,
  shown,
  timeParts,
  unfit,
  uuidText,
  wholeJson,
  wholeText,
} from '../../tables/value-text.ts';
import type { ValueText } from '../../tables/value-text.ts';
import { plainDecimal } from '../../tables/plain-decimal.ts';

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

const ENCODERS: Readonly<Record<ColumnKind, ValueText>> = {
  integer: (value) => jsonInteger(integerText(value)),
  numeric: encodeNumeric,
  double: doubleText,
  boolean: (value) => String(booleanOf(value)),
  date: quoted(dateText),
  timestamp: encodeTimestamp,
  time: encodeTime,
  uuid: quoted(uuidText),
  text: encodeText,
  json: encodeJson,
};

const MAX_UINT64 = 2n ** 64n - 1n;

function encodeNumeric(value: unknown): string {
  const decimal = plainDecimal(numberText(value));
  if (decimal !== undefined) return `"${decimal}"`;
  throw new UnfitValueError(
    `is ${shown(value)}, beyond the 38 digits before and behind the point that BIGNUMERIC holds. Set number_type to double if they need not be exact.`,
  );
}

function encodeText(value: unknown): string {
  return JSON.stringify(typeof value === 'string' ? wholeText(value) : JSON.stringify(value));
}

/** Text of a certain form as JSON, in which none of it needs an escape. */
function quoted(textOf: ValueText): ValueText {
  return (value) => `"${textOf(value)}"`;
}

const TIMESTAMP =
  /^(\d{4}-\d{2}-\d{2})(?:[T ]((?:[01]\d|2[0-3]):[0-5]\d)(?::([0-5]\d)(\.\d+)?)?(?:([Zz])|([+-](?:0\d|1[0-4])):?([0-5]\d)?)?)?$/;

/** BigQuery holds microseconds; finer digits are cut, as Meltano's SDK cuts them. */
function encodeTimestamp(value: unknown): string {
  const match = typeof value === 'string' ? TIMESTAMP.exec(value) : null;
  const [, date = '', minutes = '00:00', seconds = '00', fraction = '', , hours, rest] =
    match ?? [];
  const zone = hours === undefined ? 'Z' : `${hours}:${rest ?? '00'}`;
  const instant = `${date}T${minutes}:${seconds}${fraction.slice(0, 7)}${zone}`;
  if (isDate(date) && isWithinYears(date, instant)) return `"${instant}"`;
  throw unfit(value, 'an instant such as 2026-01-31T06:00:00Z');
}

const FIRST_DATE = '0001-01-01';
const LAST_DATE = '9999-12-31';

/** An offset may lead out of the years that BigQuery holds. */
function isWithinYears(date: string, instant: string): boolean {
  if (date !== FIRST_DATE && date !== LAST_DATE) return true;
  const ms = Date.parse(instant);
  return ms >= Date.parse(FIRST_DATE) && ms < Date.parse(LAST_DATE) + 86_400_000;
}

function encodeTime(value: unknown): string {
  const parts = timeParts(value);
  if (parts === undefined || parts.clock >= '24' || parts.seconds === '60') {
    throw unfit(value, 'a time such as 06:00:00');
  }
  return `"${parts.clock}:${parts.seconds}${parts.fraction.slice(0, 7)}"`;
}

function encodeJson(value: unknown): string {
  refuseInexact(value);
  return JSON.stringify(wholeJson(value));
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
