import { describe, expect, test } from 'vitest';
import { jitterMs, parseSchedule } from './schedule.ts';

const at = (text: string) => Date.parse(text);
const HOUR_MS = 3_600_000;

describe('a schedule', () => {
  test('of a duration begins at once, and counts from the beginning of a run', () => {
    const schedule = parseSchedule('6h');
    const began = at('2026-01-31T06:00:00Z');
    expect(schedule.firstMs(began)).toBe(began);
    expect(schedule.nextMs(began, began + HOUR_MS)).toBe(began + 6 * HOUR_MS);
    expect(schedule.gapMs(began)).toBe(6 * HOUR_MS);
  });

  test('runs one after the other: after one that took too long the next begins at once', () => {
    const began = at('2026-01-31T06:00:00Z');
    expect(parseSchedule('6h').nextMs(began, began + 7 * HOUR_MS)).toBe(began + 7 * HOUR_MS);
  });

  test('of a cron expression waits for its times, in the zone of the machine', () => {
    const schedule = parseSchedule('15 6 * * *');
    const first = new Date(schedule.firstMs(at('2026-01-31T12:00:00Z')));
    expect([first.getHours(), first.getMinutes()]).toEqual([6, 15]);
    // Times that passed while a run was under way are not made up for.
    const next = schedule.nextMs(first.getTime(), first.getTime() + 25 * HOUR_MS);
    expect(next - first.getTime()).toBe(48 * HOUR_MS);
    expect(schedule.gapMs(first.getTime())).toBe(24 * HOUR_MS);
  });

  test.each(['', '6', 'daily', '61 * * * *', '* * *', '0 0 30 2 *'])('%j is none', (text) => {
    expect(() => parseSchedule(text)).toThrow('such as 6h, or a cron expression that comes again');
  });
});

test('jitter is a tenth of the gap at most, and no more than five minutes', () => {
  expect(jitterMs(10_000, () => 1)).toBe(1000);
  expect(jitterMs(24 * HOUR_MS, () => 1)).toBe(300_000);
  expect(jitterMs(24 * HOUR_MS, () => 0)).toBe(0);
});
