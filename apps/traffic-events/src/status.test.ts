import { UNTOUCHED_ENTRY } from '@traffic-events/slice';
import type { PartitionState, TailEntry } from '@traffic-events/slice';
import type { PartitionStatus } from '@traffic-events/warehouse';
import { describe, expect, test } from 'vitest';
import { statusTable, streamStatus } from './status.ts';

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
    expect(statusTable([status])).toContain(
      'dsp_clicks DE:dsp:1234 2026-01-07: waits until 2026-01-10T22:00:00.000Z after 2 failures: FAILED: out of memory',
    );
  });

  test('counts open dates in the zone of the account', () => {
    expect(openOf('DE:dsp:1234')).toBe('2026-01-09');
    expect(openOf('DE:dsp:1234@Asia/Tokyo')).toBe('2026-01-10');
  });
});
