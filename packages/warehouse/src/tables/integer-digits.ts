import { isExactNumber } from '@traffic-events/singer';

/** The digits of a whole number as it was written in JSON; undefined for anything else. */
export function integerDigits(value: unknown): string | undefined {
  if (isExactNumber(value)) return /^(-?\d+)(?:\.0+)?$/.exec(value.rawJSON)?.[1];
  if (typeof value !== 'number' || !Number.isInteger(value)) return undefined;
  // The shortest digits of the double are those that were written, else it would be an ExactNumber.
  // What BigInt makes of a double beyond 2^53 is another number: the nearest that 53 bits hold.
  const [digits = '', exponent] = String(value).split('e+');
  if (exponent === undefined) return digits;
  const [whole = '', fraction = ''] = digits.split('.');
  return whole + fraction.padEnd(Number(exponent), '0');
}
