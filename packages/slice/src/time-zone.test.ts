import { describe, expect, it } from 'vitest';

import { TIME_ZONE_ALIASES } from './time-zone-aliases.ts';
import { currentTimeZone, isSameTimeZone, isTimeZone } from './time-zone.ts';

describe('time zones', () => {
  it.each([
    'Asia/Kolkata',
    'Asia/Calcutta',
    'Europe/Kyiv',
    'Etc/UTC',
    'US/Pacific',
    'europe/berlin',
    '+05:30',
  ])('%s is one', (name) => {
    expect(isTimeZone(name)).toBe(true);
  });

  it.each(['', 'Berlin', 'Europe/Atlantis', 'UTC+1', 'constructor', '__proto__'])(
    '%j is none',
    (name) => {
      expect(isTimeZone(name)).toBe(false);
    },
  );

  it.each([
    ['Asia/Calcutta', 'Asia/Kolkata'],
    ['Asia/Kolkata', 'Asia/Kolkata'],
    ['asia/kolkata', 'Asia/Kolkata'],
    ['US/Pacific', 'America/Los_Angeles'],
    ['europe/BERLIN', 'Europe/Berlin'],
    ['Europe/Amsterdam', 'Europe/Amsterdam'],
    ['+0530', '+05:30'],
    ['constructor', 'constructor'],
  ])('%s is %s today', (name, current) => {
    expect(currentTimeZone(name)).toBe(current);
  });

  it.each([
    'UTC',
    'Etc/UTC',
    'etc/utc',
    'Zulu',
    'GMT',
    'Etc/GMT+0',
    'Greenwich',
    '+00:00',
    '-00:00',
  ])('%s is UTC', (name) => {
    expect(currentTimeZone(name)).toBe('UTC');
  });

  it('every name of the table is a zone of the runtime, and has the days of its zone', () => {
    for (const [name, aliases] of Object.entries(TIME_ZONE_ALIASES)) {
      for (const alias of aliases) {
        expect(isSameTimeZone(alias, name)).toBe(true);
        expect([alias, offsets(alias)]).toEqual([alias, offsets(name)]);
      }
    }
  });

  it('no name is an alias twice, nor of an alias', () => {
    const aliases = Object.values(TIME_ZONE_ALIASES).flat();
    expect(new Set(aliases).size).toBe(aliases.length);
    for (const name of Object.keys(TIME_ZONE_ALIASES)) expect(aliases).not.toContain(name);
  });
});

/** Local times at an instant of each month since 2020. */
function offsets(timeZone: string): string[] {
  const format = new Intl.DateTimeFormat('en', { timeZone, dateStyle: 'short', timeStyle: 'long' });
  return Array.from({ length: 96 }, (_, month) =>
    format.format(Date.UTC(2020, month, 15)).replace(/ \S+$/, ''),
  );
}
