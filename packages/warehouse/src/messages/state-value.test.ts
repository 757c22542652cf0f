import { expect, test } from 'vitest';
import { StateError } from '../errors.ts';
import { readState, refuseFaults } from './state-value.ts';

const NOW = Date.parse('2026-01-10T06:00:00Z');
const partition = {
  context: { account_id: 'DE:dsp:1' },
  fingerprint: 'f',
  since: '2026-01-01',
  bookmark: '2026-01-05',
  tail: {},
  in_flight: [],
};
const valueOf = (changed: object) => ({
  bookmarks: { dsp_clicks: { partitions: [{ ...partition, ...changed }] } },
});

test('a date that nothing can have been extracted of is refused by name', () => {
  const { partitions } = readState(valueOf({ bookmark: '9999-12-31' }));
  expect(() => refuseFaults(partitions, NOW)).toThrow(
    'The state cannot be used: dsp_clicks DE:dsp:1: bookmark: 9999-12-31 is after 2026-01-11. Give the tap',
  );
  expect(() => refuseFaults(readState(valueOf({})).partitions, NOW)).not.toThrow();
});

test.each([
  ['tail: ', { tail: [] }],
  ['in_flight: ', { in_flight: 'none' }],
  ['since: ', { since: 7 }],
])('one of ours that cannot be read is refused, not taken for a stranger: %s', (where, changed) => {
  expect(() => readState(valueOf(changed))).toThrow(StateError);
  expect(() => readState(valueOf(changed))).toThrow(`dsp_clicks DE:dsp:1: ${where}`);
});

test("a stranger's partitions are left out", () => {
  const strangers = { context: { id: 7 }, replication_key_value: '9999-12-31' };
  expect(readState({ bookmarks: { users: { partitions: [strangers] } } }).partitions).toEqual([]);
});
