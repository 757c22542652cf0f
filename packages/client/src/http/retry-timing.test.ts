import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { defaultRetryPolicy, retryAfterOf, retryDelayMs } from './retry-timing.ts';

const policy = defaultRetryPolicy;

describe('retryDelayMs', () => {
  it('doubles its bound up to the longest one and jitters over all of it', () => {
    const bound = (attempt: number) =>
      retryDelayMs({ policy, attempt, retryAfterMs: null, random: () => 1 });
    expect([1, 2, 3, 4, 5, 6, 7].map(bound)).toStrictEqual([
      2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000,
    ]);
    expect(retryDelayMs({ policy, attempt: 5, retryAfterMs: null, random: () => 0 })).toBe(0);
  });

  it('never comes back before the server allows it, and never waits beyond the cap', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 0, max: 10_000_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (attempt, retryAfterMs, random) => {
          const delayMs = retryDelayMs({ policy, attempt, retryAfterMs, random: () => random });
          const askedMs = Math.min(retryAfterMs, policy.maxRetryAfterMs);
          expect(delayMs).toBeGreaterThanOrEqual(askedMs);
          expect(delayMs).toBeLessThanOrEqual(askedMs + policy.baseDelayMs);
        },
      ),
    );
  });
});

describe('retryAfterOf', () => {
  const nowMs = Date.parse('2026-02-01T06:00:00Z');
  const asks = (text: string, date?: string) =>
    retryAfterOf({ headers: { 'retry-after': text, ...(date && { date }) } }, nowMs);

  it('reads seconds and dates, and nothing else', () => {
    expect(asks('30')).toBe(30_000);
    expect(asks('Sun, 01 Feb 2026 06:02:00 GMT')).toBe(120_000);
    expect(asks('Sun, 01 Feb 2026 06:02:00 GMT', 'Sun, 01 Feb 2026 06:01:30 GMT')).toBe(30_000);
    expect(asks('Sun, 01 Feb 2026 05:00:00 GMT')).toBe(0);
    expect(asks('9'.repeat(400))).toBe(Infinity);
    for (const text of ['soon', '', '-1', '1e300']) expect(asks(text)).toBeNull();
    expect(retryAfterOf({ headers: {} }, nowMs)).toBeNull();
  });
});
