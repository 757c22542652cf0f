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

/** Texts of at most so many characters that end in no space, which is not told from what fills the rest. */
export function paddedTexts(length: number): Holds {
  const fits = textsUpTo(length);
  return (value) => fits(value) && !(typeof value === 'string' && value.endsWith(' '));
}

/** Instants of so many digits behind their seconds. */
export function instantsOf(precision: number): Holds {
  return (value) => {
    const [, fraction = ''] = /\.(\d*?)0*(?:Z|z|[+-][\d:]+)?$/.exec(String(value)) ?? [];
    return fraction.length <= precision;
  };
}

/** Instants that read the same where their offset is left out: those of UTC, and those without one. */
export function instantsInUtc(precision = Infinity): Holds {
  const fits = instantsOf(precision);
  return (value) => fits(value) && !/[T ].*[+-](?!00(?::?00)?$)[\d:]+$/.test(String(value));
}
