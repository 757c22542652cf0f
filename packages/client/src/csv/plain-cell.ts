import type { ColumnType } from '../data-sources/data-source.ts';

/** Whether text[from, to) is canonical already, so that it need only be cut out. */
export type IsPlain = (text: string, from: number, to: number) => boolean;

/**
 * By type, a quick test without allocation. It may say no to canonical text; then the cell's reader
 * decides. It never says yes to anything else.
 */
export const plainTests: Readonly<Record<ColumnType, IsPlain>> = Object.freeze({
  STRING: never,
  LONG: isPlainInteger,
  INTEGER: isPlainInteger,
  DECIMAL: isPlainDecimal,
  DOUBLE: isPlainDecimal,
  BOOLEAN: isPlainBoolean,
  DATE: isPlainDate,
  TIMESTAMP: isPlainTimestamp,
});

const ZERO = 48;
const NINE = 57;
const DOT = 46;
const DASH = 45;
const COLON = 58;
const UPPER_T = 84;
const UPPER_Z = 90;

function never(): boolean {
  return false;
}

/** Where the digits end that begin at `from`. */
export function endOfDigits(text: string, from: number): number {
  let end = from;
  let code = text.charCodeAt(end);
  while (code >= ZERO && code <= NINE) {
    end += 1;
    code = text.charCodeAt(end);
  }
  return end;
}

/** Whether digits are few enough to fit 64 bits for certain, and have no leading zero. */
export function isShortInteger(text: string, from: number, to: number): boolean {
  const length = to - from;
  return length > 0 && length <= 18 && (text.charCodeAt(from) !== ZERO || length === 1);
}

function isPlainInteger(text: string, from: number, to: number): boolean {
  return isShortInteger(text, from, to) && endOfDigits(text, from) >= to;
}

/** Within 18 characters neither 21 digits before the point nor 17 behind it can be exceeded. */
function isPlainDecimal(text: string, from: number, to: number): boolean {
  if (to - from > 18) return false;
  let dot = from;
  while (dot < to && text.charCodeAt(dot) !== DOT) dot += 1;
  if (!isPlainInteger(text, from, dot)) return false;
  return dot === to || (dot + 1 < to && areDigits(text, dot + 1, to));
}

function isPlainBoolean(text: string, from: number, to: number): boolean {
  return to - from === 4
    ? text.startsWith('true', from)
    : text.startsWith('false', from) && to - from === 5;
}

/** Days above 28, and the year 0, are left to the calendar. */
function isPlainDate(text: string, from: number, to: number): boolean {
  if (to - from !== 10) return false;
  if (text.charCodeAt(from + 4) !== DASH || text.charCodeAt(from + 7) !== DASH) return false;
  if (!areDigits(text, from, from + 4) || text.startsWith('0000', from)) return false;
  const month = twoDigits(text, from + 5);
  const day = twoDigits(text, from + 8);
  return month >= 1 && month <= 12 && day >= 1 && day <= 28;
}

/** `2026-01-31T05:00:00Z`, with up to nine fraction digits. */
function isPlainTimestamp(text: string, from: number, to: number): boolean {
  const length = to - from;
  if (length < 20 || length > 30 || !isPlainDate(text, from, from + 10)) return false;
  if (text.charCodeAt(from + 10) !== UPPER_T || text.charCodeAt(to - 1) !== UPPER_Z) return false;
  if (text.charCodeAt(from + 13) !== COLON || text.charCodeAt(from + 16) !== COLON) return false;
  const inDay =
    twoDigits(text, from + 11) <= 23 &&
    twoDigits(text, from + 14) <= 59 &&
    twoDigits(text, from + 17) <= 59;
  if (!inDay) return false;
  if (length === 20) return true;
  return text.charCodeAt(from + 19) === DOT && length > 21 && areDigits(text, from + 20, to - 1);
}

function areDigits(text: string, from: number, to: number): boolean {
  return endOfDigits(text, from) >= to;
}

/** NaN, which compares as false, when there are no two digits. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - ZERO;
  const ones = text.charCodeAt(at + 1) - ZERO;
  if (tens < 0 || tens > 9 || ones < 0 || ones > 9) return Number.NaN;
  return tens * 10 + ones;
}
