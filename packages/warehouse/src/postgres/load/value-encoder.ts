import { isExactNumber } from '@traffic-events/singer';
import type { ColumnKind } from '../../tables/column-kind.ts';
import type { FieldForm } from '../../messages/token-encoder.ts';
import { UnfitValueError } from '../../tables/unfit-value-error.ts';
import {
  booleanOf,
  dateText,
  doubleText,
  integerText,
  matching,
  numberText,
  shown,
  timeParts,
  unfit,
  uuidText,
  wholeJson,
  wholeText,
} from '../../tables/value-text.ts';
import type { TimeParts } from '../../tables/value-text.ts';
import { copyField, NULL_FIELD, NulCharacterError } from './copy-text.ts';

export interface EncodingRules {
  /** What U+0000 becomes, which PostgreSQL cannot hold; an error unless given. */
  readonly nulReplacement?: string | undefined;
}

type Encode = (value: unknown, rules: EncodingRules) => string;

/** Fields of COPY's text format. A text that PostgreSQL cannot hold is an `UnfitValueError` too. */
export function fieldForm(kind: ColumnKind, rules: EncodingRules): FieldForm {
  const encode = ENCODERS[kind];
  return {
    nullField: NULL_FIELD,
    encode: (value) => encode(value, rules),
    // Neither a backslash nor a control character: such a text is its own field.
    plainText: kind === 'text' ? (line, start, end) => line.slice(start + 1, end - 1) : undefined,
    shortInteger: kind === 'integer' || kind === 'numeric' ? (digits) => digits : undefined,
  };
}

/** PostgreSQL itself would take more for a date: `now`, `infinity`, `tomorrow`. */
const ENCODERS: Readonly<Record<ColumnKind, Encode>> = {
  integer: integerText,
  numeric: encodeNumeric,
  double: doubleText,
  boolean: encodeBoolean,
  date: dateText,
  timestamp: matching(
    /^(\d{4}-\d{2}-\d{2})(?:[T ](?:(?:[01]\d|2[0-3]):[0-5]\d(?::(?:[0-5]\d(?:\.\d{1,40})?|60(?:\.0{1,40})?))?|24:00(?::00(?:\.0{1,40})?)?)(?:Z|z|[+-](?:0\d|1[0-5])(?::?[0-5]\d)?)?)?$/,
    'an instant such as 2026-01-31T06:00:00Z',
  ),
  time: encodeTime,
  uuid: uuidText,
  text: encodeText,
  json: encodeJson,
};

function encodeBoolean(value: unknown): string {
  return booleanOf(value) ? 't' : 'f';
}

/** Digits before and behind the point that a numeric of no declared size holds. */
const MAX_WHOLE_DIGITS = 131_072;
const MAX_FRACTION_DIGITS = 16_383;
const NUMBER = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

function encodeNumeric(value: unknown): string {
  const text = numberText(value);
  // A double that is its own number has few digits.
  if (typeof value === 'number' || isWithinNumeric(text)) return text;
  throw new UnfitValueError(
    `is ${shown(value)}, beyond the ${MAX_WHOLE_DIGITS} digits before the point, or the ${MAX_FRACTION_DIGITS} behind it, that numeric holds.`,
  );
}

function isWithinNumeric(number: string): boolean {
  const [, whole = '', fraction = '', exponent = '0'] = NUMBER.exec(number) ?? [];
  const shift = Number(exponent);
  const isLarge = whole.length + shift > MAX_WHOLE_DIGITS;
  return !isLarge && fraction.length - shift <= MAX_FRACTION_DIGITS;
}

function encodeTime(value: unknown): string {
  const parts = timeParts(value);
  if (parts === undefined || isBehindAll(parts)) throw unfit(value, 'a time such as 06:00:00');
  return `${parts.clock}:${parts.seconds}${parts.fraction}`;
}

/** Behind 24:00, and behind the 60th second of a minute, there is nothing. */
function isBehindAll({ clock, seconds, fraction }: TimeParts): boolean {
  const isRest = /[1-9]/.test(fraction);
  if (clock.startsWith('24')) return clock !== '24:00' || seconds !== '00' || isRest;
  return seconds === '60' && isRest;
}

function encodeText(value: unknown, rules: EncodingRules): string {
  return textField(typeof value === 'string' ? wholeText(value) : JSON.stringify(value), rules);
}

/** A text as a field, whoever sent it. Throws `UnfitValueError` for U+0000 that becomes nothing else. */
export function textField(text: string, { nulReplacement }: EncodingRules): string {
  const isReplaced = nulReplacement !== undefined && text.includes('\u0000');
  return fieldOf(isReplaced ? text.replaceAll('\u0000', nulReplacement) : text);
}

/** An exponent that numeric may not hold. */
const MAY_BE_BEYOND = /[eE][+-]?\d{4}/;

/** What jsonb holds numbers as. */
function refuseBeyond(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (isExactNumber(value)) encodeNumeric(value);
  else for (const item of Object.values(value)) refuseBeyond(item);
}

/** An escape of U+0000: a backslash that is itself escaped does not begin one. */
const NUL_ESCAPE = /(?<!\\)((?:\\\\)*)\\u0000/g;

function encodeJson(value: unknown, { nulReplacement }: EncodingRules): string {
  const text = wholeJson(value);
  if (MAY_BE_BEYOND.test(text) || text.length > MAX_FRACTION_DIGITS) refuseBeyond(value);
  if (!text.includes('\\u0000')) return fieldOf(text);
  const replacement = JSON.stringify(nulReplacement ?? '').slice(1, -1);
  const replaced = text.replaceAll(NUL_ESCAPE, (_, before: string) => before + replacement);
  if (replaced !== text && nulReplacement === undefined) return fieldOf('\u0000');
  return fieldOf(replaced);
}

function fieldOf(text: string): string {
  try {
    return copyField(text);
  } catch (error) {
    if (!(error instanceof NulCharacterError)) throw error;
    throw new UnfitValueError(
      'holds U+0000, which PostgreSQL cannot store. Set nul_replacement to what it is to become, or remove it at the source.',
    );
  }
}
