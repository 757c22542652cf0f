import { expect, it } from 'vitest';

import { newPartition, withFailed } from './partition.ts';
import { parseSavedStates, partitionOf, withPartition } from './saved-states.ts';

const partition = withFailed(newPartition('f', '2026-01-01'), {
  eventDate: '2026-01-02',
  executionId: 'e',
  createTime: '2026-01-02T23:00:00.000Z',
  nextTryMs: Date.parse('2026-01-03T00:00:00Z'),
});

it('reads back what it was written from', () => {
  const change = { stream: 'dsp_clicks', accountId: 'DE:dsp:1', state: partition };
  const read = parseSavedStates([JSON.parse(JSON.stringify(change))]);
  expect(read).toEqual([change]);
  expect(partitionOf(read, 'dsp_clicks', 'DE:dsp:1')).toEqual(partition);
  expect(partitionOf(read, 'dsp_clicks', 'DE:dsp:2')).toBeUndefined();
});

it('replaces the partition of one account and leaves the others alone', () => {
  const first = { stream: 's', accountId: 'DE:dsp:1', state: partition };
  const second = { stream: 's', accountId: 'UK:dsp:1', state: partition };
  const changed = { ...first, state: newPartition('g', '2026-02-01') };
  const value = withPartition([first, second], changed);
  expect(value).toEqual([changed, second]);
});

it('reads what a warehouse keeps, and names the row that is broken', () => {
  const row = { stream: 's', accountId: 'a', state: partition, runId: 'r' };
  expect(parseSavedStates([row])).toEqual([row]);
  for (const state of [[], null, 'text', { ...partition, tail: [] }]) {
    const broken = { ...row, accountId: 'b', state: state as never };
    expect(() => parseSavedStates([row, broken])).toThrow(
      /^The state of s b in the table _traffic_events_state cannot be used: .*Restore its row/,
    );
  }
});
