import type { PartitionState } from '@traffic-events/slice';
import { StateFormatError } from '@traffic-events/source';
import { expect, it } from 'vitest';

import { readGivenState } from './given-state.ts';

const partition: PartitionState = {
  fingerprint: 'f',
  since: '2026-01-01',
  bookmark: null,
  tail: {},
  in_flight: [],
};

const valueOf = (changed: object) => ({
  bookmarks: { s: { partitions: [{ context: { account_id: 'a' }, ...partition, ...changed }] } },
});

it('has the partitions of every stream, and ignores slice and run', () => {
  const value = { ...valueOf({}), slice: { stream: 's' }, run: { id: 'r' } };
  expect(readGivenState(value)).toEqual([{ stream: 's', accountId: 'a', state: partition }]);
  expect(readGivenState({})).toEqual([]);
  expect(readGivenState(null)).toEqual([]);
});

it('refuses a state of another kind instead of starting over', () => {
  const foreign = { bookmarks: { s: { partitions: [{ context: { account_id: 'a' } }] } } };
  expect(() => readGivenState(foreign)).toThrow(
    /The state is not one of this tap: s a: fingerprint: .* Pass the last state/,
  );
  const nameless = { bookmarks: { s: { partitions: [partition] } } };
  expect(() => readGivenState(nameless)).toThrow(/bookmarks\.s\.partitions\.0\.context: /);
});

it('refuses by name what no run can have written, before anything counts up to it', () => {
  const nowMs = Date.parse('2026-01-10T06:00:00Z');
  const far = valueOf({ bookmark: '9999-12-31' });
  expect(() => readGivenState(far, nowMs)).toThrow(
    /The state is not one of this tap: s a: bookmark: 9999-12-31 is after 2026-01-11\. Pass the last/,
  );
  expect(() => readGivenState(far)).toThrow(StateFormatError);
  expect(() => readGivenState(valueOf({ since: '2026-02-30' }))).toThrow(/s a: since: /);
});
