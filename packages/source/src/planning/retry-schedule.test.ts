import * as fc from 'fast-check';
import { expect, it } from 'vitest';

import { newPartition, tailEntry } from '../state/partition.ts';
import { planPartition } from './plan-partition.ts';
import { heededTryMs, nextTryMs } from './retry-schedule.ts';
import { streamOf } from '../testing/stream-fixture.ts';
import { DAY_MS, EVENT_TIMING, HOUR_MS, sliceTiming } from '../streams/timing.ts';

const startMs = Date.parse('2026-01-01T00:00:00Z');
const window = { startMs, endMs: startMs + DAY_MS };
const timing = sliceTiming(EVENT_TIMING, window);
const instants = fc.integer({ min: window.endMs, max: timing.goneMs - 1 });
const failures = fc.record({
  nowMs: instants,
  attempts: fc.integer({ min: 1, max: 50 }),
  waitsFor: fc.constantFrom('failure' as const, 'overlap' as const),
});

it('no wait after a failure outlives its slice, and half of what is left is kept', () => {
  fc.assert(
    fc.property(failures, (failure) => {
      const { nowMs } = failure;
      const endMs = nowMs < timing.expiresMs ? timing.expiresMs : timing.goneMs;
      const tryMs = nextTryMs({ ...failure, timing });
      expect(tryMs).toBeGreaterThanOrEqual(nowMs);
      expect(tryMs - nowMs).toBeLessThanOrEqual(Math.max(0, (endMs - nowMs) / 2));
    }),
  );
});

const at = (attempts: number, waitsFor: 'failure' | 'overlap') =>
  nextTryMs({ nowMs: window.endMs, attempts, waitsFor, timing }) - window.endMs;

it('waits as before where there is time', () => {
  const hours = [1, 2, 3, 4, 5, 6].map((attempts) => at(attempts, 'failure') / HOUR_MS);
  expect(hours).toEqual([1 / 60, 5 / 60, 1, 4, 12, 12]);
  expect(at(1, 'overlap')).toBe(20 * HOUR_MS);
});

it('a wait that a state of old asks for is not heeded where nothing would be left then', () => {
  const nowMs = timing.expiresMs - 10 * HOUR_MS;
  const inHours = (hours: number) => new Date(nowMs + hours * HOUR_MS).toISOString();
  expect(heededTryMs(inHours(20), timing, nowMs)).toBeLessThan(nowMs);
  expect(heededTryMs(inHours(9), timing, nowMs)).toBe(nowMs + 9 * HOUR_MS);
  expect(heededTryMs(null, timing, nowMs)).toBeLessThan(nowMs);
});

const ofDate = ({ eventDate }: { eventDate: string }) => eventDate === '2026-01-01';

it('whatever a state asks for, a plan makes no slice wait beyond its end', () => {
  fc.assert(
    fc.property(instants, fc.integer({ min: -100, max: 2000 }), (nowMs, hours) => {
      const first = newPartition('f', '2026-01-01');
      const nextTry = new Date(nowMs + hours * HOUR_MS).toISOString();
      const entry = { ...tailEntry(first, '2026-01-01'), next_try: nextTry };
      const { waiting, candidates, closings } = planPartition({
        stream: streamOf({ columns: [], mainMetrics: [] }),
        accountId: 'DE:dsp:1',
        timeZone: 'UTC',
        fingerprint: 'f',
        partition: { ...first, tail: { '2026-01-01': entry } },
        startDate: '2026-01-01',
        nowMs,
        runStartedMs: nowMs,
      });
      const endMs = nowMs <= timing.expiresMs ? timing.expiresMs : timing.goneMs;
      const waits = waiting.filter(ofDate);
      for (const { nextTryMs: tryMs } of waits) expect(tryMs).toBeLessThan(endMs);
      expect([...waits, ...candidates.filter(ofDate), ...closings.filter(ofDate)]).toHaveLength(1);
    }),
  );
});
