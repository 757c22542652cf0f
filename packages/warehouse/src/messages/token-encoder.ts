import { parseJson } from '@traffic-events/singer';

/** How the values of one column are written as fields of a load. */
export interface FieldForm {
  readonly nullField: string;
  /** A value that is not null. Throws `UnfitValueError`. */
  encode(value: unknown): string;
  /**
   * The string that stands in a line at [start, end), its quotes included, without an escape in it.
   * Absent where a string has to be looked at.
   */
  readonly plainText?: ((line: string, start: number, end: number) => string) | undefined;
  /** An integer of at most 18 digits, written as JSON writes it. Absent where it has to be looked at. */
  readonly shortInteger?: ((digits: string) => string) | undefined;
}

const QUOTE = 34;
const ZERO = 48;
const NINE = 57;
const MINUS = 45;
const MAX_SHORT_DIGITS = 18;
/** Longer values seldom repeat, and would keep their whole lines in memory. */
const MAX_REMEMBERED = 64;

/** Turns values of one column into fields: parsed ones, and those that still stand in their line. */
export class TokenEncoder {
  readonly #form: FieldForm;
  /** The last value and its field: dates and instants repeat from row to row, and cost most. */
  #lastToken = '';
  #lastField = '';

  constructor(form: FieldForm) {
    this.#form = form;
  }

  /** A parsed value. Throws `UnfitValueError`. */
  encode(value: unknown): string {
    const { nullField } = this.#form;
    return value === null || value === undefined ? nullField : this.#form.encode(value);
  }

  /**
   * A value as it stands in a line of JSON, at [start, end). Common values need no parsing;
   * `isPlain` says that there is no backslash in it. Throws `UnfitValueError`, and the SyntaxError
   * of `JSON.parse`.
   */
  encodeToken(line: string, start: number, end: number, isPlain: boolean): string {
    const { plainText, shortInteger } = this.#form;
    const isText = isPlain && line.charCodeAt(start) === QUOTE;
    if (isText && plainText !== undefined) return plainText(line, start, end);
    if (!isText && shortInteger !== undefined && isShortInteger(line, start, end)) {
      return shortInteger(line.slice(start, end));
    }
    const isRepeated = end - start === this.#lastToken.length;
    if (isRepeated && line.startsWith(this.#lastToken, start)) return this.#lastField;
    const token = line.slice(start, end);
    const field = this.encode(isText ? token.slice(1, -1) : parseJson(token));
    if (token.length <= MAX_REMEMBERED) {
      this.#lastField = field;
      this.#lastToken = token;
    }
    return field;
  }
}

/** Digits that JSON allows and that 64 bits hold, so that parsing would change nothing. */
function isShortInteger(line: string, start: number, end: number): boolean {
  const first = line.charCodeAt(start) === MINUS ? start + 1 : start;
  if (end === first || end - first > MAX_SHORT_DIGITS) return false;
  if (line.charCodeAt(first) === ZERO) return end - first === 1 && first === start;
  for (let at = first; at < end; at += 1) {
    const code = line.charCodeAt(at);
    if (code < ZERO || code > NINE) return false;
  }
  return true;
}
