import { isExactNumber, parseJson } from '@traffic-events/singer';
import { isEventDate } from '@traffic-events/slice';
import type { ColumnKind } from '../column-kind.ts';
import { UnfitValueError } from '../unfit-value-error.ts';
import { copyField, NULL_FIELD } from './copy-text.ts';

export interface EncodingRules {
  /** What U+0000 becomes, which PostgreSQL cannot hold; an error unless given. */
  readonly nulReplacement?: string | undefined;
}

type Encode = (value: unknown, rules: EncodingRules) => string;

const QUOTE = 34;
const ZERO = 48;
const NINE = 57;
const MINUS = 45;

/** Turns values of one column into fields of COPY's text format. */
export class ValueEncoder {
  readonly #kind: ColumnKind;
  readonly #rules: EncodingRules;
  readonly #encode: Encode;
  /** The last text and its field: dates and instants repeat from row to row, and cost most. */
  #lastText: string | undefined;
  #lastField = '';

  constructor(kind: ColumnKind, rules: EncodingRules) {
    this.#kind = kind;
    this.#rules = rules;
    this.#encode = ENCODERS[kind];
  }

  /** A parsed value. Throws `UnfitValueError`, and `NulCharacterError` where there is no replacement. */
  encode(value: unknown): string {
    return value === null || value === undefined ? NULL_FIELD : this.#encode(value, this.#rules);
  }

  /**
   * A value as it stands in a line of JSON, at [start, end). Common values need no parsing;
   * `isPlain` says that there is no backslash in it.
   */
  encodeToken(line: string, start: number, end: number, isPlain: boolean): string {
    const code = line.charCodeAt(start);
    if (code === QUOTE && isPlain) {
      const text = line.slice(start + 1, end - 1);
      // Neither a backslash nor a control character: such a text is its own field.
      return this.#kind === 'text' ? text : this.#repeated(text);
    }
    const isWhole = this.#kind === 'integer' || this.#kind === 'numeric';
    if (isWhole && isShortInteger(line, start, end)) return line.slice(start, end);
    return this.encode(parseJson(line.slice(start, end)));
  }

  #repeated(text: string): string {
    if (text === this.#lastText) return this.#lastField;
    this.#lastField = this.encode(text);
    this.#lastText = text;
    return this.#lastField;
  }
}

/** Digits that JSON allows and that a double holds, so that parsing would change nothing. */
function isShortInteger(line: string, start: number, end: number): boolean {
  const first = line.charCodeAt(start) === MINUS ? start + 1 : start;
  if (end === first || end - first > 18) return false;
  if (line.charCodeAt(first) === ZERO) return end - first === 1 && first === start;
  for (let at = first; at < end; at += 1) {
    const code = line.charCodeAt(at);
    if (code < ZERO || code > NINE) return false;
  }
  return true;
}

const ENCODERS: Readonly<Record<ColumnKind, Encode>> = {
  integer: encodeInteger,
  numeric: encodeNumber,
  double: encodeNumber,
  boolean: encodeBoolean,
  date: matching(/^(\d{4}-\d{2}-\d{2})$/, 'a date such as 2026-01-31'),
  timestamp: matching(
    /^(\d{4}-\d{2}-\d{2})(?:[T ](?:[01]\d|2[0-4]):[0-5]\d(?::(?:[0-5]\d|60)(?:\.\d+)?)?(?:Z|z|[+-](?:0\d|1[0-5])(?::?[0-5]\d)?)?)?$/,
    'an instant such as 2026-01-31T06:00:00Z',
  ),
  time: matching(
    /^(?:[01]\d|2[0-4]):[0-5]\d(?::(?:[0-5]\d|60)(?:\.\d+)?)?(?:Z|z)?$/,
    'a time such as 06:00:00',
  ),
  uuid: matching(/^[\da-fA-F]{8}(?:-[\da-fA-F]{4}){3}-[\da-fA-F]{12}$/, 'a UUID'),
  text: encodeText,
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

function encodeText(value: unknown, { nulReplacement }: EncodingRules): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const isReplaced = nulReplacement !== undefined && text.includes('\u0000');
  return copyField(isReplaced ? text.replaceAll('\u0000', nulReplacement) : text);
}

/** Text of a certain form. PostgreSQL itself would take more: `now`, `infinity`, `tomorrow`. */
function matching(pattern: RegExp, expected: string): Encode {
  return (value) => {
    const match = typeof value === 'string' ? pattern.exec(value) : null;
    if (match === null) throw unfit(value, expected);
    const date = match[1];
    if (date !== undefined && !isEventDate(date)) throw unfit(value, expected);
    return match[0];
  };
}

/** An escape of U+0000: a backslash that is itself escaped does not begin one. */
const NUL_ESCAPE = /(?<!\\)((?:\\\\)*)\\u0000/g;

function encodeJson(value: unknown, { nulReplacement }: EncodingRules): string {
  const text = JSON.stringify(value);
  if (!text.includes('\\u0000')) return copyField(text);
  const replacement = JSON.stringify(nulReplacement ?? '').slice(1, -1);
  const replaced = text.replaceAll(NUL_ESCAPE, (_, before: string) => before + replacement);
  if (replaced !== text && nulReplacement === undefined) return copyField('\u0000');
  return copyField(replaced);
}

function unfit(value: unknown, expected: string): UnfitValueError {
  const text = JSON.stringify(value);
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return new UnfitValueError(`is ${shown}, but its column holds ${expected}.`);
}
