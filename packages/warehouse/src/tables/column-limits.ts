import { isExactNumber } from '@traffic-events/singer';
import { integerDigits } from './integer-digits.ts';
import { fractionDigits, wholeDigits } from './plain-decimal.ts';

type Holds = (value: unknown) => boolean;

/** Integers within these bounds. */
export function integersBetween(least: bigint, most: bigint): Holds {
  return (value) => {
    const digits = integerDigits(value);
    return digits !== undefined && BigInt(digits) >= least && BigInt(digits) <= most;
  };
}

/** Numbers of so many digits, of which so many are behind the point. */
export function decimalsOf(precision: number, scale: number): Holds {
  return (value) => {
    const text = isExactNumber(value) ? value.rawJSON : String(value);
    return fractionDigits(text) <= scale && wholeDigits(text) <= precision - scale;
  };
}

/** Doubles that a single-precision column gives back as they were. */
export function singlePrecision(value: unknown): boolean {
  if (typeof value !== 'number') return false;
  const single = Math.fround(value);
  return single === value || Number(single.toPrecision(6)) === value;
}

/** Texts of so many characters; of what is no text, its JSON. */
export function textsUpTo(length: number): Holds {
  return (value) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return text.length <= length || Array.from(text).length <= length;
  };
}
