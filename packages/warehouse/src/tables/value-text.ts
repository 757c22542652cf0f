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

/** A number that a double holds, if not to its last digit. */
export function doubleText(value: unknown): string {
  const text = numberText(value);
  const double = Number(text);
  const isLost = !Number.isFinite(double) || (double === 0 && /[1-9]/.test(mantissaOf(text)));
  if (isLost) throw new UnfitValueError(`is ${shown(value)}, beyond what a double holds.`);
  return text;
}

/** The digits of a number before its exponent. */
function mantissaOf(number: string): string {
  return number.split(/e/i, 1)[0] ?? '';
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
    if (match === null || (date !== undefined && !isDate(date))) throw unfit(value, expected);
    return match[0];
  };
}

/** A date of the calendar that warehouses know: it has no year 0. */
export function isDate(text: string): boolean {
  return isEventDate(text) && !text.startsWith('0000');
}

const TIME =
  /^(?<clock>(?:[01]\d|2[0-4]):[0-5]\d)(?::(?<seconds>[0-5]\d|60)(?<fraction>\.\d{1,40})?)?(?:[Zz]|(?<sign>[+-])(?<hours>[01]\d|2[0-3])(?::?(?<minutes>[0-5]\d))?)?$/;
const MINUTES_OF_DAY = 24 * 60;

/** A time of day: hours and minutes, seconds, and what stands behind them, its point included. */
export interface TimeParts {
  readonly clock: string;
  readonly seconds: string;
  readonly fraction: string;
}

/** The parts of a time, in UTC where an offset stands behind it; undefined for anything else. */
export function timeParts(value: unknown): TimeParts | undefined {
  const found = typeof value === 'string' ? TIME.exec(value)?.groups : undefined;
  if (found === undefined) return undefined;
  const { clock = '', seconds = '00', fraction = '', sign, hours, minutes = '00' } = found;
  if (sign === undefined) return { clock, seconds, fraction };
  const offset = Number(`${sign}1`) * minutesOf(`${hours}:${minutes}`);
  const utc = (minutesOf(clock) - offset + MINUTES_OF_DAY) % MINUTES_OF_DAY;
  return { clock: clockOf(utc), seconds, fraction };
}

function minutesOf(clock: string): number {
  return Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
}

function clockOf(minutes: number): string {
  const parts = [Math.floor(minutes / 60), minutes % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}

/** A text of whole characters. Throws `UnfitValueError`. */
export function wholeText(text: string): string {
  if (text.isWellFormed()) return text;
  throw new UnfitValueError(HALF);
}

/** A value as JSON, in which every text is of whole characters. Throws `UnfitValueError`. */
export function wholeJson(value: unknown): string {
  const text = JSON.stringify(value);
  if (text.includes('\\ud') && HALF_ESCAPED.test(text)) throw new UnfitValueError(HALF);
  return text;
}

/** Whole pairs are not escaped; a backslash that is itself escaped begins no escape. */
const HALF_ESCAPED = /(?<!\\)(?:\\\\)*\\ud[89a-f]/;
const HALF =
  'holds half of a character (a surrogate without its other half), which no warehouse can store. Have the tap write whole characters.';

/** Says what a column holds instead of `value`. */
export function unfit(value: unknown, expected: string): UnfitValueError {
  return new UnfitValueError(`is ${shown(value)}, but its column holds ${expected}.`);
}

/** A value for messages, cut where it is long. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
