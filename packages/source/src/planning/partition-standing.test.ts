import { expect, test } from 'vitest';

import { newPartition, withDelivered } from '../state/partition.ts';
import { partitionStanding } from './partition-standing.ts';
import { streamOf } from '../testing/stream-fixture.ts';
import { DAY_MS } from '../streams/timing.ts';

const at = (text: string) => Date.parse(text);
const input = {
  stream: streamOf({ columns: [], mainMetrics: [] }),
  accountId: 'DE:dsp:1',
  timeZone: 'UTC',
  fingerprint: 'f',
  partition: undefined,
  startDate: '2026-01-05',
  nowMs: at('2026-01-08T06:00:00Z'),
};
const withCopy = (eventDate: string, complete: boolean) =>
  withDelivered(newPartition('f', '2026-01-05'), {
    eventDate,
    applied: true,
    status: 'open',
    copy: {
      executionId: 'e',
      createTimeMs: at('2026-01-08T05:00:00Z'),
      complete,
      settled: false,
      suspect: false,
      rowCount: 1,
      mainSum: '1',
    },
  });

test('what was never extracted stands as open, and expires 30 days after its start', () => {
  expect(partitionStanding(input)).toEqual({
    open: ['2026-01-05', '2026-01-06', '2026-01-07'],
    expiresMs: at('2026-01-05T00:00:00Z') + 30 * DAY_MS,
  });
});

test('a date with a complete copy stays open, and the next one without is the first to expire', () => {
  const standing = partitionStanding({ ...input, partition: withCopy('2026-01-05', true) });
  expect(standing.open).toContain('2026-01-05');
  expect(standing.expiresMs).toBe(at('2026-01-06T00:00:00Z') + 30 * DAY_MS);
  const incomplete = partitionStanding({ ...input, partition: withCopy('2026-01-05', false) });
  expect(incomplete.expiresMs).toBe(at('2026-01-05T00:00:00Z') + 30 * DAY_MS);
});

test('nothing expires where every open date has its copy', () => {
  const nowMs = at('2026-01-06T06:00:00Z');
  const partition = withCopy('2026-01-05', true);
  expect(partitionStanding({ ...input, nowMs, partition })).toEqual({
    open: ['2026-01-05'],
    expiresMs: null,
  });
});
