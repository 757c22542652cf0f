const NUMBER = /^(-?)0*(\d*?)(?:\.(\d*?)0*)?(?:[eE]([+-]?\d{1,4}))?$/;

/** Digits before and behind the point that every BIGNUMERIC of that size holds. */
const MAX_DIGITS = 38;

/**
 * A JSON number as digits without an exponent; undefined where BIGNUMERIC would round it or refuse it.
 * https://cloud.google.com/bigquery/docs/reference/standard-sql/data-types#decimal_types
 */
export function plainDecimal(number: string): string | undefined {
  const match = NUMBER.exec(number);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const shift = Number(exponent);
  const digits = `${whole}${fraction}`;
  const point = whole.length + shift;
  if (/^0*$/.test(digits)) return '0';
  if (Math.abs(shift) > 2 * MAX_DIGITS + digits.length) return undefined;
  const before = digits.slice(0, Math.max(point, 0)).padEnd(Math.max(point, 0), '0');
  const behind = digits.slice(Math.max(point, 0)).padStart(digits.length - point, '0');
  const left = before.replace(/^0+/, '');
  const right = point > digits.length ? '' : behind.replace(/0+$/, '');
  if (left.length > MAX_DIGITS || right.length > MAX_DIGITS) return undefined;
  return `${sign}${left === '' ? '0' : left}${right === '' ? '' : `.${right}`}`;
}

/** How many digits a number has before the point once its exponent is written out; 0 for none. */
export function wholeDigits(number: string): number {
  const match = NUMBER.exec(number);
  if (match === null) return Infinity;
  const [, , whole = '', fraction = '', exponent = '0'] = match;
  const digits = `${whole}${fraction}`;
  const leadingZeros = /^0*/.exec(digits)?.[0].length ?? 0;
  if (leadingZeros === digits.length) return 0;
  return Math.max(whole.length + Number(exponent) - leadingZeros, 0);
}

/** How many digits a number has behind the point once its exponent is written out; 0 for none. */
export function fractionDigits(number: string): number {
  const match = NUMBER.exec(number);
  if (match === null) return Infinity;
  const [, , whole = '', fraction = '', exponent = '0'] = match;
  const digits = `${whole}${fraction}`.replace(/0+$/, '');
  if (digits === '') return 0;
  return Math.max(digits.length - whole.length - Number(exponent), 0);
}
