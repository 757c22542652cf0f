import { expect, it } from 'vitest';

import { newPartition, withFailed } from './partition.ts';
import { StateFormatError } from '../errors.ts';
import { parseSavedStates, parseStateValue, partitionOf, withPartition } from './state-value.ts';

const partition = withFailed(newPartition('f', '2026-01-01'), {
  eventDate: '2026-01-02',
  executionId: 'e',
  createTime: '2026-01-02T23:00:00.000Z',
  nextTryMs: Date.parse('2026-01-03T00:00:00Z'),
});

it('reads back what it was written from, and ignores slice and run', () => {
  const change = { stream: 'dsp_clicks', accountId: 'DE:dsp:1', state: partition };
  const value = withPartition(parseStateValue({}), change);
  const text = JSON.stringify({ ...value, slice: { stream: 'dsp_clicks' }, run: { id: 'r' } });
  expect(parseStateValue(JSON.parse(text))).toEqual(value);
  expect(partitionOf(value, 'dsp_clicks', 'DE:dsp:1')).toEqual(partition);
  expect(partitionOf(value, 'dsp_clicks', 'DE:dsp:2')).toBeUndefined();
});

it('replaces the partition of one account and leaves the others alone', () => {
  const first = { stream: 's', accountId: 'DE:dsp:1', state: partition };
  const second = { stream: 's', accountId: 'UK:dsp:1', state: partition };
  const changed = { ...first, state: newPartition('g', '2026-02-01') };
  const value = [first, second, changed].reduce(withPartition, { bookmarks: {} });
  expect(partitionOf(value, 's', 'DE:dsp:1')).toEqual(changed.state);
  expect(partitionOf(value, 's', 'UK:dsp:1')).toEqual(partition);
});

it('knows no partition of a stream that has the name of what objects inherit', () => {
  const change = { stream: 'constructor', accountId: 'DE:dsp:1', state: partition };
  expect(partitionOf({ bookmarks: {} }, 'constructor', 'DE:dsp:1')).toBeUndefined();
  const value = withPartition({ bookmarks: {} }, change);
  expect(partitionOf(value, 'constructor', 'DE:dsp:1')).toEqual(partition);
});

it('refuses a state of another kind instead of starting over', () => {
  const foreign = { bookmarks: { s: { partitions: [{ context: { account_id: 'a' } }] } } };
  expect(() => parseStateValue(foreign)).toThrow(
    /The state is not one of this tap: bookmarks\.s\.partitions\.0\.fingerprint: .* Pass the last state/,
  );
});

const valueOf = (changed: object) => ({
  bookmarks: { s: { partitions: [{ context: { account_id: 'a' }, ...partition, ...changed }] } },
});

it('refuses by name what no run can have written, before anything counts up to it', () => {
  const nowMs = Date.parse('2026-01-10T06:00:00Z');
  const far = valueOf({ bookmark: '9999-12-31' });
  expect(() => parseStateValue(far, nowMs)).toThrow(
    /The state is not one of this tap: s a: bookmark: 9999-12-31 is after 2026-01-11\. Pass the last/,
  );
  expect(() => parseStateValue(far)).toThrow(StateFormatError);
  expect(() => parseStateValue(valueOf({ since: '2026-02-30' }))).toThrow(/partitions\.0\.since/);
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
