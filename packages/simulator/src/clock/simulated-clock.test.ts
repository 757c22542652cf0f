import { expect, test } from 'vitest';
import { SimulatedClock } from './simulated-clock.ts';

const ORIGIN = Date.parse('2026-01-10T06:00:00Z');

test('a clock of scale 0 stands still until it is advanced, and never goes back', () => {
  const clock = new SimulatedClock({ originMs: ORIGIN, scale: 0 });
  expect(clock.now()).toBe(ORIGIN);
  clock.advanceTo(ORIGIN + 5000);
  clock.advanceTo(ORIGIN);
  expect(clock.now()).toBe(ORIGIN + 5000);
});

test('advancing wakes the sleepers that are due, and no others', async () => {
  const clock = new SimulatedClock({ originMs: ORIGIN, scale: 0 });
  const woken: string[] = [];
  const early = clock.sleep(1000).then(() => woken.push('early'));
  const late = clock.sleep(5000).then(() => woken.push('late'));
  clock.advanceTo(ORIGIN + 1000);
  await early;
  expect(woken).toEqual(['early']);
  clock.advanceTo(ORIGIN + 60_000);
  await late;
  expect(woken).toEqual(['early', 'late']);
});

test('an hour passes within moments on a fast clock', async () => {
  const clock = new SimulatedClock({ originMs: ORIGIN, scale: 3_600_000 });
  await clock.sleep(3_600_000);
  expect(clock.now()).toBeGreaterThanOrEqual(ORIGIN + 3_600_000);
});

test('a sleep that is aborted rejects with the reason of its signal', async () => {
  const clock = new SimulatedClock({ originMs: ORIGIN, scale: 0 });
  const controller = new AbortController();
  const asleep = clock.sleep(1000, controller.signal);
  controller.abort(new Error('enough'));
  await expect(asleep).rejects.toThrow('enough');
  await expect(clock.sleep(1000, controller.signal)).rejects.toThrow('enough');
});

test('clocks with the same wall instant agree', () => {
  const wallOriginMs = Date.now() - 10_000;
  const clock = new SimulatedClock({ originMs: ORIGIN, scale: 60, wallOriginMs });
  const passedMs = clock.now() - ORIGIN;
  expect(passedMs).toBeGreaterThanOrEqual(600_000);
  expect(passedMs).toBeLessThan(600_000 + 60 * 60_000);
});
