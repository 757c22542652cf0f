import type { Copy } from '@traffic-events/slice';
import { describe, expect, it } from 'vitest';

import {
  extendBack,
  isClosed,
  newPartition,
  openDates,
  tailEntry,
  withClosed,
  withKept,
  withWanted,
} from './partition.ts';

const held: Copy = {
  executionId: 'e',
  createTimeMs: Date.parse('2026-01-09T00:00:00Z'),
  complete: true,
  settled: true,
  suspect: false,
  rowCount: 1,
  mainSum: '1',
};
const refused = { ...held, executionId: 'f', createTimeMs: Date.parse('2026-01-10T00:00:00Z') };
const keptOn = (eventDate: string) => ({ eventDate, held, refused, status: 'open' as const });

describe('a slice of which the sink keeps another copy than the state knew', () => {
  const dates = ['2026-01-01', '2026-01-02', '2026-01-03'];
  const closed = dates.reduce(
    (partition, date) => withClosed(partition, date, 'settled'),
    newPartition('f', '2026-01-01'),
  );

  it('is open on that copy, and what was closed behind it stays closed', () => {
    const partition = withKept(closed, keptOn('2026-01-02'));
    expect(partition.bookmark).toBe('2026-01-01');
    expect(partition.tail).toMatchObject({
      '2026-01-02': {
        status: 'open',
        execution_id: 'e',
        create_time: '2026-01-09T00:00:00.000Z',
        last_execution_id: 'f',
        last_create_time: '2026-01-10T00:00:00.000Z',
      },
    });
    expect(Object.keys(partition.tail)).toEqual(['2026-01-02']);
    expect(partition.closed).toEqual([['2026-01-03', '2026-01-03']]);
    expect(withClosed(partition, '2026-01-02', 'frozen')).toEqual(closed);
  });

  it('may be the first one', () => {
    expect(withKept(closed, keptOn('2026-01-01')).bookmark).toBeNull();
  });

  it('may close on it', () => {
    expect(withKept(closed, { ...keptOn('2026-01-02'), status: 'settled' })).toEqual(closed);
  });
});

describe('dates before the first one', () => {
  const first = { ...newPartition('f', '2026-02-01'), bookmark: '2026-02-03' };
  const wanted = withWanted(first, ['2026-01-10', '2026-01-11', '2026-02-02']);

  it('are open until they close, and remembered as closed then', () => {
    expect(openDates(wanted, '2026-02-04')).toEqual(['2026-01-10', '2026-01-11', '2026-02-04']);
    const closed = withClosed(wanted, '2026-01-10', 'settled');
    expect(openDates(closed, '2026-02-04')).toEqual(['2026-01-11', '2026-02-04']);
    expect(closed).toMatchObject({ since: '2026-02-01', bookmark: '2026-02-03' });
    expect(withWanted(closed, ['2026-01-10'])).toBe(closed);
    expect(isClosed(closed, '2026-01-10')).toBe(true);
  });

  it('stay open when another copy of one of them is held', () => {
    const closed = withClosed(wanted, '2026-01-10', 'settled');
    const again = withKept(closed, keptOn('2026-01-10'));
    expect(again.bookmark).toBe('2026-02-03');
    expect(openDates(again, '2026-02-03')).toEqual(['2026-01-10', '2026-01-11']);
  });

  it('join what follows when the first date moves back to them', () => {
    const closed = withClosed(wanted, '2026-01-10', 'settled');
    const back = extendBack(closed, '2026-01-10');
    expect(back).toMatchObject({ since: '2026-01-10', bookmark: '2026-01-10' });
    expect(openDates(back, '2026-02-04').length).toBe(22);
  });
});

describe('a tail of old', () => {
  it('has its closed dates read as such', () => {
    const entry = { ...tailEntry(newPartition('f', '2026-01-01'), '2026-01-02') };
    const tail = { '2026-01-02': { ...entry, status: 'frozen' as const }, '2026-01-03': entry };
    const old = { ...newPartition('f', '2026-01-01'), tail };
    expect(openDates(old, '2026-01-04')).toEqual(['2026-01-01', '2026-01-03', '2026-01-04']);
    const passed = withClosed(old, '2026-01-01', 'settled');
    expect(passed).toMatchObject({ bookmark: '2026-01-02', tail: { '2026-01-03': entry } });
  });
});
