import { exactNumber, jsonWithSource } from './exact-number.ts';

/** Where a number might not survive as a double: 16 digits or more, or an exponent of three digits. */
const MAY_LOSE_DIGITS = /[\d.]{16}|[eE][+-]?\d{3}/;

/**
 * `JSON.parse`, except that a number which a double would change comes back as an `ExactNumber`.
 * Throws the SyntaxError of `JSON.parse`.
 */
export function parseJson(text: string): unknown {
  if (!MAY_LOSE_DIGITS.test(text)) return JSON.parse(text);
  return jsonWithSource.parse(text, (_key, value, context) =>
    typeof value === 'number' && context.source !== undefined && !holds(value, context.source)
      ? exactNumber(context.source)
      : value,
  );
}

function holds(value: number, source: string): boolean {
  if (Object.is(value, -0)) return Number(source.replaceAll(/[-.0]|[eE].*$/g, '')) === 0;
  return canonical(String(value)) === canonical(source);
}

/** Digits and exponent of a number, so that `1.50e3`, `1500` and `1500.0` are one. */
function canonical(number: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number);
  if (match === null) return number;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  const scale = Number(exponent) - fraction.length + (digits.length - significant.length);
  return `${sign}${significant}e${scale}`;
}
