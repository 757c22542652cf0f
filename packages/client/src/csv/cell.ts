import type { ColumnType } from '../data-sources/data-source.ts';

/** The canonical text of a cell; undefined when it does not fit the type. */
export type ReadCell = (text: string) => string | undefined;

/** Readers by type. Numbers stay text from end to end: ids have 18 digits and more. */
export const cellReaders: Readonly<Record<ColumnType, ReadCell>> = Object.freeze({
  STRING: (text) => text,
  LONG: readInteger,
  INTEGER: readInteger,
  DECIMAL: readDecimal,
  DOUBLE: readDouble,
  BOOLEAN: readBoolean,
  DATE: readDate,
  TIMESTAMP: readTimestamp,
});

const INTEGER = /^([+-]?)0*(\d+)$/;
const MIN_LONG = -(2n ** 63n);
const MAX_LONG = 2n ** 63n - 1n;

/** 64 bits; leading zeros and a plus go. */
function readInteger(text: string): string | undefined {
  const match = INTEGER.exec(text);
  if (match === null) return undefined;
  const digits = match[2] ?? '';
  const canonical = match[1] === '-' && digits !== '0' ? `-${digits}` : digits;
  if (digits.length < 19) return canonical;
  if (digits.length > 19) return undefined;
  const value = BigInt(canonical);
  return value >= MIN_LONG && value <= MAX_LONG ? canonical : undefined;
}

const PLAIN_DECIMAL = /^-?(?:0|[1-9]\d{0,20})(?:\.\d{1,17})?$/;
const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;
const MAX_DIGITS = 38;
const MAX_SCALE = 17;

/** At most 38 digits, 17 of them after the point; an exponent is written out. */
function readDecimal(text: string): string | undefined {
  if (PLAIN_DECIMAL.test(text)) return text === '-0' ? '0' : text;
  const match = DECIMAL.exec(text);
  if (match === null || !/\d/.test(text)) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  return plainDecimal(sign === '-', whole + fraction, whole.length + Number(exponent));
}

/** Digits with the point after `point` of them, which may be before or beyond them. */
function plainDecimal(negative: boolean, digits: string, point: number): string | undefined {
  if (Math.abs(point) > 2 * MAX_DIGITS + digits.length) return undefined;
  const padded = point <= 0 ? '0'.repeat(1 - point) + digits : digits.padEnd(point, '0');
  const split = Math.max(point, 1);
  const whole = padded.slice(0, split).replace(/^0+(?=\d)/, '');
  let fraction = padded.slice(split);
  if (fraction.length > MAX_SCALE) fraction = fraction.replace(/0+$/, '');
  const significant = (whole === '0' ? 0 : whole.length) + fraction.length;
  if (significant > MAX_DIGITS || fraction.length > MAX_SCALE) return undefined;
  const text = fraction === '' ? whole : `${whole}.${fraction}`;
  return negative && /[1-9]/.test(text) ? `-${text}` : text;
}

const PLAIN_DOUBLE = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const DOUBLE = /^([+-]?)0*(\d*)(?:\.(\d*))?([eE][+-]?\d+)?$/;

/** As delivered, in JSON's notation. NaN, infinities and what is beyond a double fit nothing. */
function readDouble(text: string): string | undefined {
  if (!Number.isFinite(Number(text))) return undefined;
  if (PLAIN_DOUBLE.test(text)) return text;
  const match = DOUBLE.exec(text);
  if (match === null || !/\d/.test(text)) return undefined;
  const [, sign, whole, fraction, exponent = ''] = match;
  const minus = sign === '-' ? '-' : '';
  return `${minus}${whole || '0'}${fraction ? `.${fraction}` : ''}${exponent}`;
}

function readBoolean(text: string): string | undefined {
  switch (text.toLowerCase()) {
    case 'true':
    case '1':
      return 'true';
    case 'false':
    case '0':
      return 'false';
    default:
      return undefined;
  }
}

const ISO_DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const US_DATE = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/;
const DAYS_IN_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** ISO, or month first: M/D/YYYY and MM/DD/YYYY. */
function readDate(text: string): string | undefined {
  const iso = ISO_DATE.exec(text);
  if (iso !== null) {
    return isDate(Number(iso[1]), Number(iso[2]), Number(iso[3])) ? text : undefined;
  }
  const us = US_DATE.exec(text);
  if (us === null) return undefined;
  const [, month = '', day = '', year = ''] = us;
  if (!isDate(Number(year), Number(month), Number(day))) return undefined;
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}

/** There is no year 0: warehouses begin with the year 1. */
function isDate(year: number, month: number, day: number): boolean {
  if (year < 1) return false;
  if (month < 1 || month > 12 || day < 1 || day > (DAYS_IN_MONTH[month - 1] ?? 0)) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month !== 2 || day < 29 || leap;
}

const TIMESTAMP =
  /^(\d{4}-\d{2}-\d{2}|\d{1,2}\/\d{1,2}\/\d{4})[T ](\d{2}):(\d{2}):(\d{2})(\.\d{1,9})? ?(Z|[+-]\d{2}:?\d{2})?$/i;

/** UTC with Z and the fraction as delivered; without a zone it is UTC already. */
function readTimestamp(text: string): string | undefined {
  const match = TIMESTAMP.exec(text);
  if (match === null) return undefined;
  const [, datePart = '', hour, minute, second, fraction = '', zone = 'Z'] = match;
  const date = readDate(datePart);
  if (date === undefined) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const local = `${date}T${hour}:${minute}:${second}`;
  const utc = zone.toUpperCase() === 'Z' ? local : toUtc(local, zone);
  return utc === undefined ? undefined : `${utc}${fraction}Z`;
}

/** Undefined where there is no such offset, or no warehouse holds the instant. */
function toUtc(local: string, zone: string): string | undefined {
  const digits = zone.replaceAll(/[^\d]/g, '');
  const [hours, minutes] = [Number(digits.slice(0, 2)), Number(digits.slice(2))];
  if (hours > 18 || minutes > 59) return undefined;
  const offsetMs = (hours * 60 + minutes) * 60_000 * (zone.startsWith('-') ? -1 : 1);
  const utc = new Date(Date.parse(`${local}Z`) - offsetMs).toISOString();
  return IN_FOUR_DIGITS.test(utc) ? utc.slice(0, 19) : undefined;
}

/** Years from 1 to 9999: an offset may lead out of them. */
const IN_FOUR_DIGITS = /^(?!0000)\d{4}-/;
