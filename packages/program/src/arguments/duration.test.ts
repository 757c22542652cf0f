import { describe, expect, it } from 'vitest';

import { durationMs, parseDurationMs } from './duration.ts';

describe('a duration', () => {
  it.each([
    ['45s', 45_000],
    ['90m', 5_400_000],
    ['1.5h', 5_400_000],
    ['2d', 172_800_000],
    ['0.25h', 900_000],
  ])('%s', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  it.each(['', '5', 'h', '-1h', '0h', '1h30m', '1,5h', '1e9h', 'Infinityh', `${'9'.repeat(400)}h`])(
    'is not %j',
    (text) => {
      expect(durationMs(text)).toBeUndefined();
      expect(() => parseDurationMs(text)).toThrow('expected a duration, such as 90m, 1.5h or 2d.');
    },
  );
});
