import { isExactNumber } from '@traffic-events/singer';
import { isEventDate } from '@traffic-events/slice';
import { integerDigits } from './integer-digits.ts';
import { UnfitValueError } from './unfit-value-error.ts';

/** The text of a JSON value for a column; `UnfitValueError` where the column holds no such value. */
export type ValueText = (value: unknown) => string;

const MAX_INT64 = 2n ** 63n - 1n;
export const MIN_INT64 = -(2n ** 63n);

/** An integer of 64 bits. */
export function integerText(value: unknown): string {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  const digits = integerDigits(value);
  if (digits === undefined) throw unfit(value, 'a whole number');
  const integer = BigInt(digits);
  if (integer <= MAX_INT64 && integer >= MIN_INT64) return String(integer);
  throw new UnfitValueError(
    `is ${digits}, beyond the 64 bits of its column. Have the schema say "number", or give it a "maximum" beyond them.`,
  );
}

/** A number, digit by digit as it came. */
export function numberText(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (isExactNumber(value)) return value.rawJSON;
  throw unfit(value, 'a number');
}

export function booleanOf(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw unfit(value, 'true or false');
}

/** `2026-01-31`, and a date of the calendar. */
export const dateText: ValueText = matching(/^(\d{4}-\d{2}-\d{2})$/, 'a date such as 2026-01-31');

export const uuidText: ValueText = matching(
  /^[\da-fA-F]{8}(?:-[\da-fA-F]{4}){3}-[\da-fA-F]{12}$/,
  'a UUID',
);

/** Text of a certain form; its first group, if it has one, is a date. `expected` says what fits. */
export function matching(pattern: RegExp, expected: string): ValueText {
  return (value) => {
    const match = typeof value === 'string' ? pattern.exec(value) : null;
    const date = match?.[1];
    if (match === null || (date !== undefined && !isEventDate(date))) throw unfit(value, expected);
    return match[0];
  };
}

/** Says what a column holds instead of `value`. */
export function unfit(value: unknown, expected: string): UnfitValueError {
  return new UnfitValueError(`is ${shown(value)}, but its column holds ${expected}.`);
}

/** A value for messages, cut where it is long. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
