import { UNTOUCHED_ENTRY } from '@traffic-events/slice';
import type { PartitionState, TailEntry } from '@traffic-events/slice';
import type { PartitionStatus } from '@traffic-events/warehouse';
import { describe, expect, test } from 'vitest';
import { statusTable, streamStatus } from './status.ts';
import type { StreamStatus } from './status.ts';

const nowMs = Date.parse('2026-01-10T20:00:00Z');

const waiting: TailEntry = {
  ...UNTOUCHED_ENTRY,
  attempts: 2,
  next_try: '2026-01-10T22:00:00.000Z',
};

function partition(state: Partial<PartitionState>, others: object = {}): PartitionStatus {
  return {
    stream: 'dsp_clicks',
    accountId: 'DE:dsp:1234',
    state: {
      fingerprint: 'f',
      since: '2026-01-01',
      bookmark: '2026-01-06',
      tail: {},
      in_flight: [],
      ...state,
    },
    runId: 'r',
    savedAt: new Date(nowMs),
    missedDates: [],
    failures: [],
    ...others,
  };
}

/** As the ledger has it: a result three hours ago. */
const tabled = (status: StreamStatus) => ({ ...status, last_success: '2026-01-10T16:59:00.000Z' });

const openOf = (accountId: string) => {
  const status = streamStatus(partition({}, { accountId }), nowMs);
  return status.open_dates.at(-1);
};

describe('the status of a stream', () => {
  test('has each retry with its reason and until when', () => {
    const failures = [
      { event_date: '2026-01-07', reason: 'FAILED: the first time' },
      { event_date: '2026-01-07', reason: 'FAILED: out of memory' },
      { event_date: '2026-01-08', reason: 'of another date' },
    ];
    const status = streamStatus(
      partition({ tail: { '2026-01-07': waiting } }, { failures }),
      nowMs,
    );
    expect(status).toMatchObject({
      retries: [
        {
          event_date: '2026-01-07',
          attempts: 2,
          next_try: '2026-01-10T22:00:00.000Z',
          waits_for: 'failure',
          reason: 'FAILED: out of memory',
        },
      ],
    });
    expect(statusTable([tabled(status)], nowMs)).toContain(
      'dsp_clicks DE:dsp:1234 2026-01-07: waits until 2026-01-10T22:00:00.000Z after 2 failures: FAILED: out of memory',
    );
  });

  test('counts open dates in the zone of the account', () => {
    expect(openOf('DE:dsp:1234')).toBe('2026-01-09');
    expect(openOf('DE:dsp:1234@Asia/Tokyo')).toBe('2026-01-10');
  });

  test('fits a terminal of 80 columns, whatever streams and accounts there are', () => {
    const accounts = ['DE:entity:ENTITY1A2B3C4D5E@Europe/Berlin', 'US:dsp:590122334455667788'];
    const streams = [
      'sponsored_ads_invalid_traffic',
      'dsp_views',
      'a_stream_of_ones_own'.repeat(3),
    ];
    const statuses = accounts.flatMap((accountId) =>
      streams.map((stream) => tabled(streamStatus(partition({}, { accountId, stream }), nowMs))),
    );
    const lines = statusTable(statuses, nowMs, 80).split('\n');
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
    expect(lines[0]).toBe(`${accounts[0]}, last run 2026-01-10T20:00:00.000Z`);
    expect(lines[2]).toMatch(/^sponsored_ads_invalid_traffic +2026-01-06 +3 +0 +0 +3 h ago$/);
    expect(lines[4]).toContain('…');
    expect(statusTable(statuses, nowMs)).toContain(streams[2]);
  });

  test.each([
    [null, 'none yet'],
    ['2026-01-10T19:59:30.000Z', '0 min ago'],
    ['2026-01-10T20:00:30.000Z', '0 min ago'],
    ['2026-01-09T15:00:00.000Z', '29 h ago'],
    ['2026-01-07T20:00:00.000Z', '3 d ago'],
  ])('says how old a last result of %s is: %s', (last_success, text) => {
    const status = { ...streamStatus(partition({}), nowMs), last_success };
    expect(statusTable([status], nowMs).split('\n')[2]).toMatch(new RegExp(`  ${text}$`));
  });

  test('says how an account is asked, once for all streams that are asked alike', () => {
    const bundle = {
      shape: 's',
      proof: 'good',
      at: '2026-01-09T06:00:00.000Z',
      event_date: '2026-01-05',
    } as const;
    const refused = { ...bundle, proof: 'refused', reason: 'a bundle has 1 clicks' } as const;
    const statuses = [
      streamStatus(partition({ bundle }, { stream: 'dsp_impressions' }), nowMs),
      streamStatus(partition({ bundle }, { stream: 'dsp_views' }), nowMs),
      streamStatus(partition({ bundle: refused }), nowMs),
      streamStatus(partition({}, { stream: 'dsp_reach' }), nowMs),
    ];
    expect(statuses.map((status) => status.bundle?.proof)).toEqual([
      'good',
      'good',
      'refused',
      undefined,
    ]);
    const lines = statusTable(statuses.map(tabled), nowMs).split('\n').slice(-2);
    expect(lines).toEqual([
      'DE:dsp:1234 dsp_impressions, dsp_views: asked for by one query a date, shown to be right by 2026-01-05',
      'DE:dsp:1234 dsp_clicks: asked for alone, since bundles gave less by 2026-01-05: a bundle has 1 clicks',
    ]);
  });

  test('names a stream that the last run of its account left out', () => {
    const before = new Date(nowMs - 86_400_000);
    const statuses = [
      tabled(streamStatus(partition({}), nowMs)),
      tabled(streamStatus(partition({}, { stream: 'dsp_views', savedAt: before }), nowMs)),
    ];
    expect(statusTable(statuses, nowMs)).toContain(
      'dsp_views DE:dsp:1234: not asked for since 2026-01-09T20:00:00.000Z',
    );
  });
});
