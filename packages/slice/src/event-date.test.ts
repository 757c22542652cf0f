import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addDays,
  datesBetween,
  daysBetween,
  eventDateAt,
  isEventDate,
  windowOf,
} from './event-date.ts';

const HOUR_MS = 3_600_000;
const zones = [
  'UTC',
  'Europe/Berlin',
  'America/Sao_Paulo',
  'Asia/Kolkata',
  'Africa/Cairo',
  'Australia/Lord_Howe',
];
const dates = fc
  .date({ min: new Date('2020-01-01'), max: new Date('2035-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

describe('event dates', () => {
  test('only dates that exist are event dates', () => {
    expect(isEventDate('2028-02-29')).toBe(true);
    expect(isEventDate('2026-02-29')).toBe(false);
    expect(isEventDate('2026-2-1')).toBe(false);
    expect(isEventDate('yesterday')).toBe(false);
  });

  test('adding days and counting them undo each other', () => {
    fc.assert(
      fc.property(dates, fc.integer({ min: -400, max: 400 }), (date, days) => {
        expect(daysBetween(date, addDays(date, days))).toBe(days);
      }),
    );
  });

  test('a range holds both ends, and nothing when it runs backwards', () => {
    expect([...datesBetween('2026-02-27', '2026-03-01')]).toEqual([
      '2026-02-27',
      '2026-02-28',
      '2026-03-01',
    ]);
    expect([...datesBetween('2026-03-02', '2026-03-01')]).toEqual([]);
    expect([...datesBetween('9999-12-30', '9999-12-31')]).toEqual(['9999-12-30', '9999-12-31']);
  });
});

describe('windows', () => {
  test('windows of consecutive dates touch, and hold exactly their own instants', () => {
    fc.assert(
      fc.property(dates, fc.constantFrom(...zones), (date, zone) => {
        const window = windowOf(date, zone);
        expect(windowOf(addDays(date, 1), zone).startMs).toBe(window.endMs);
        expect(eventDateAt(window.startMs, zone)).toBe(date);
        expect(eventDateAt(window.endMs - 1, zone)).toBe(date);
        expect(eventDateAt(window.startMs - 1, zone)).toBe(addDays(date, -1));
      }),
    );
  });

  test.each([
    ['2026-03-29', 'Europe/Berlin', 23],
    ['2026-10-25', 'Europe/Berlin', 25],
    ['2026-06-01', 'Europe/Berlin', 24],
    ['2018-11-04', 'America/Sao_Paulo', 23], // its midnight does not exist
  ])('%s in %s has %i hours', (date, zone, hours) => {
    const { startMs, endMs } = windowOf(date, zone);
    expect((endMs - startMs) / HOUR_MS).toBe(hours);
  });
});
