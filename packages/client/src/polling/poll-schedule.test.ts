import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { DurationMemory } from './duration-memory.ts';
import type { DurationFit } from './duration-fit.ts';
import { fitDurations } from './duration-fit.ts';
import { nextPollMs } from './poll-schedule.ts';

const MINUTE_MS = 60_000;

/** Polls until an execution of that duration is found done. */
function run(durationMs: number, fit: DurationFit | null) {
  let [polls, seenMs, activeMs] = [0, 0, 0];
  while (seenMs < durationMs) {
    activeMs = seenMs;
    seenMs = nextPollMs(seenMs, fit);
    polls += 1;
  }
  return { polls, delayMs: seenMs - durationMs, lowMs: Math.max(activeMs, 1), highMs: seenMs };
}

/** A generator of standard normal numbers, the same for the same seed. */
function normals(seed: number): () => number {
  let state = seed;
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

describe('nextPollMs', () => {
  it('finds an execution within 30% of its duration before it has learned anything', () => {
    fc.assert(
      fc.property(fc.integer({ min: 30_000, max: 60 * MINUTE_MS }), (durationMs) => {
        expect(run(durationMs, null).delayMs).toBeLessThanOrEqual(0.3 * durationMs);
      }),
    );
  });

  it('needs at most 20 polls, and finds 15-minute executions within 30 s once it has learned', () => {
    const medians = Array.from({ length: 5 }, (_, seed) => {
      const normal = normals(seed + 1);
      const memory = new DurationMemory();
      const delays: number[] = [];
      for (let index = 0; index < 200; index += 1) {
        const durationMs = 15 * MINUTE_MS * Math.exp(0.3 * normal());
        const { polls, delayMs, lowMs, highMs } = run(durationMs, memory.fit('stream'));
        expect(polls).toBeLessThanOrEqual(20);
        if (index >= 20) delays.push(delayMs);
        memory.add('stream', { lowMs, highMs });
      }
      return delays.sort((a, b) => a - b)[delays.length / 2] ?? 0;
    });
    expect(Math.max(...medians)).toBeLessThanOrEqual(30_000);
  });

  it('finds a one-minute execution within 30% among 15-minute ones, and among its like', () => {
    const long = { mean: Math.log(15 * MINUTE_MS), deviation: 0.3 };
    expect(run(MINUTE_MS, long).delayMs).toBeLessThanOrEqual(0.3 * MINUTE_MS);
    const short = { mean: Math.log(MINUTE_MS), deviation: 0.1 };
    expect(run(MINUTE_MS, short).delayMs).toBeLessThanOrEqual(0.3 * MINUTE_MS);
    expect(run(MINUTE_MS, short).polls).toBeLessThanOrEqual(10);
  });

  it('finds executions that take ever the same within 10% once it has learned, seen by polls alone', () => {
    fc.assert(
      fc.property(fc.integer({ min: 60_000, max: 60 * MINUTE_MS }), (durationMs) => {
        const memory = new DurationMemory();
        for (let index = 0; index < 30; index += 1) {
          const { delayMs, lowMs, highMs } = run(durationMs, memory.fit('stream'));
          if (index >= 15) expect(delayMs / durationMs).toBeLessThanOrEqual(0.1);
          memory.add('stream', { lowMs, highMs });
        }
      }),
      { numRuns: 50 },
    );
  });

  it('always goes on, and never sleeps for longer than a quarter of an hour', () => {
    const fits = fc.option(
      fc.record({
        mean: fc.double({ min: 0, max: 20, noNaN: true }),
        deviation: fc.double({ min: 0.02, max: 3, noNaN: true }),
      }),
    );
    fc.assert(
      fc.property(fits, fc.integer({ min: 0, max: 100 * 3_600_000 }), (fit, elapsedMs) => {
        const gapMs = nextPollMs(elapsedMs, fit) - elapsedMs;
        expect(gapMs).toBeGreaterThan(0);
        expect(gapMs).toBeLessThanOrEqual(15 * MINUTE_MS);
      }),
    );
  });
});

describe('fitDurations', () => {
  it('recovers the distribution from what coarse polls have seen of it', () => {
    const normal = normals(7);
    const intervals = Array.from({ length: 400 }, () =>
      run(1_000_000 * Math.exp(0.3 * normal()), null),
    );
    const { mean, deviation } = fitDurations(intervals);
    expect(mean).toBeCloseTo(Math.log(1_000_000), 1);
    expect(Math.abs(deviation - 0.3)).toBeLessThan(0.04);
  });
});
