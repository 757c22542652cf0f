import type { PartitionState } from '@traffic-events/slice';
import { builtInStreams } from '@traffic-events/source';
import { describe, expect, it } from 'vitest';

import { checkedRange, refuseFutureStart } from './date-checks.ts';
import { describeLostDates, lostDates } from './lost-dates.ts';
import { describeRange, rangeReport } from './range-report.ts';

const nowMs = Date.parse('2026-03-10T20:00:00Z');
const dsp = { kind: 'dsp', marketplace: 'DE', advertiserId: '1234' } as const;
const tokyo = { ...dsp, timeZone: 'Asia/Tokyo' };
const range = (from: string, to: string, accounts: readonly (typeof dsp)[] = [dsp]) =>
  checkedRange('2026-01-01', { from, to }, { accounts, nowMs });

describe('the dates of a run', () => {
  it('begin today at the latest, in the zone that is furthest on', () => {
    expect(() => refuseFutureStart('2026-03-10', [dsp], nowMs)).not.toThrow();
    expect(() => refuseFutureStart('2026-03-11', [dsp, tokyo], nowMs)).not.toThrow();
    expect(() => refuseFutureStart('2026-03-11', [dsp], nowMs)).toThrow(
      'start_date: 2026-03-11 is in the future (today is 2026-03-10)',
    );
  });

  it('of a backfill end yesterday at the latest, and do not run backwards', () => {
    expect(range('2026-03-01', '2026-03-05')).toEqual({
      range: { from: '2026-03-01', to: '2026-03-05' },
    });
    expect(range('2026-03-01', '9999-12-31').range?.to).toBe('2026-03-09');
    expect(range('2026-03-01', '9999-12-31', [tokyo]).range?.to).toBe('2026-03-10');
    expect(() => range('2026-03-05', '2026-03-01')).toThrow(
      '--from 2026-03-05 is after --to 2026-03-01',
    );
    expect(() => range('2026-03-10', '2026-03-12')).toThrow(
      '--from 2026-03-10: the last event date that is over is 2026-03-09.',
    );
  });
});

const streams = builtInStreams().filter(({ name }) =>
  ['dsp_clicks', 'dsp_views', 'page_url_report'].includes(name),
);

it('dates that are out of reach are told with the streams that lose them', () => {
  const lost = lostDates('2025-01-01', { accounts: [dsp], streams, nowMs });
  expect(lost).toEqual([
    {
      accountId: 'DE:dsp:1234',
      from: '2025-01-01',
      to: '2026-02-08',
      streams: ['dsp_clicks', 'dsp_views'],
    },
    {
      accountId: 'DE:dsp:1234',
      from: '2025-01-01',
      to: '2025-03-10',
      streams: ['page_url_report'],
    },
  ]);
  expect(describeLostDates(lost)[0]).toBe(
    '2025-01-01 to 2026-02-08 of DE:dsp:1234 cannot be had: the API no longer has them (dsp_clicks, dsp_views).',
  );
  expect(lostDates('2026-03-01', { accounts: [dsp], streams, nowMs })).toEqual([]);
});

const partition = (stream: string, changes: Partial<PartitionState>) => ({
  stream,
  accountId: 'DE:dsp:1234',
  state: {
    fingerprint: 'f',
    since: '2026-01-01',
    bookmark: null,
    tail: {},
    in_flight: [],
    ...changes,
  },
});

const report = (from: string, to: string) =>
  rangeReport(
    { from, to },
    {
      accounts: [dsp],
      streams: streams.slice(0, 2),
      state: [
        partition('dsp_clicks', { bookmark: '2026-01-31' }),
        partition('dsp_views', { closed: [['2026-01-10', '2026-01-12']] }),
      ],
    },
  );

describe('a range', () => {
  it('that is held already says so', () => {
    expect(report('2026-01-10', '2026-01-12')).toMatchObject({ slices: 6, closed: 6 });
    expect(describeRange(report('2026-01-10', '2026-01-12'))).toBe(
      '2026-01-10 to 2026-01-12 is held already: all 6 slices are closed, and none is asked for again.',
    );
  });

  it('that is held in part says how much', () => {
    expect(report('2026-01-12', '2026-02-01')).toMatchObject({ slices: 42, closed: 21 });
    expect(describeRange(report('2026-01-12', '2026-02-01'))).toMatch(/21 of 42 slices/);
    expect(describeRange(report('2026-02-01', '2026-02-03'))).toBeUndefined();
  });
});
