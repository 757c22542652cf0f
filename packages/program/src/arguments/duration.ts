import { InvalidArgumentError } from 'commander';

const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

export const DURATION_EXPECTED = 'expected a duration, such as 90m, 1.5h or 2d';

/** `45s`, `90m`, `1.5h` or `2d` in milliseconds; undefined where it is none, or no time at all. */
export function durationMs(text: string): number | undefined {
  const [, amount, unit = ''] = /^(\d{1,9}(?:\.\d{1,9})?)([smhd])$/.exec(text.trim()) ?? [];
  const unitMs = UNITS_MS[unit];
  if (amount === undefined || unitMs === undefined) return undefined;
  return Number(amount) > 0 ? Number(amount) * unitMs : undefined;
}

/** For options that take a duration. */
export function parseDurationMs(text: string): number {
  const ms = durationMs(text);
  if (ms !== undefined) return ms;
  throw new InvalidArgumentError(`${DURATION_EXPECTED}.`);
}
