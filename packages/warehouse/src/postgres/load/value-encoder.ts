import type { ColumnKind } from '../../tables/column-kind.ts';
import type { FieldForm } from '../../messages/token-encoder.ts';
import { UnfitValueError } from '../../tables/unfit-value-error.ts';
import {
  booleanOf,
  dateText,
  integerText,
  matching,
  numberText,
  uuidText,
} from '../../tables/value-text.ts';
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
  numeric: numberText,
  double: numberText,
  boolean: encodeBoolean,
  date: dateText,
  timestamp: matching(
    /^(\d{4}-\d{2}-\d{2})(?:[T ](?:[01]\d|2[0-4]):[0-5]\d(?::(?:[0-5]\d|60)(?:\.\d+)?)?(?:Z|z|[+-](?:0\d|1[0-5])(?::?[0-5]\d)?)?)?$/,
    'an instant such as 2026-01-31T06:00:00Z',
  ),
  time: matching(
    /^(?:[01]\d|2[0-4]):[0-5]\d(?::(?:[0-5]\d|60)(?:\.\d+)?)?(?:Z|z)?$/,
    'a time such as 06:00:00',
  ),
  uuid: uuidText,
  text: encodeText,
  json: encodeJson,
};

function encodeBoolean(value: unknown): string {
  return booleanOf(value) ? 't' : 'f';
}

function encodeText(value: unknown, rules: EncodingRules): string {
  return textField(typeof value === 'string' ? value : JSON.stringify(value), rules);
}

/** A text as a field, whoever sent it. Throws `UnfitValueError` for U+0000 that becomes nothing else. */
export function textField(text: string, { nulReplacement }: EncodingRules): string {
  const isReplaced = nulReplacement !== undefined && text.includes('\u0000');
  return fieldOf(isReplaced ? text.replaceAll('\u0000', nulReplacement) : text);
}

/** An escape of U+0000: a backslash that is itself escaped does not begin one. */
const NUL_ESCAPE = /(?<!\\)((?:\\\\)*)\\u0000/g;

function encodeJson(value: unknown, { nulReplacement }: EncodingRules): string {
  const text = JSON.stringify(value);
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
