import { expect, test } from 'vitest';
import { partitionsOf, streamsOf, unwrapState } from './state.ts';

const value = {
  bookmarks: { clicks: { partitions: [{ context: { account_id: 'a' }, since: 'x' }] } },
};

test('a state is found however it was saved', () => {
  expect(unwrapState(value, 's.json')).toBe(value);
  expect(unwrapState({ singer_state: value }, 's.json')).toBe(value);
  expect(unwrapState({ type: 'STATE', value }, 's.json')).toBe(value);
  expect(unwrapState({}, 's.json')).toEqual({});
  expect(() => unwrapState([], 's.json')).toThrow('s.json is not a Singer state');
});

test('partitions carry their context', () => {
  expect(streamsOf(value)).toEqual(['clicks']);
  expect(partitionsOf(value, 'clicks')).toEqual([{ context: { account_id: 'a' }, since: 'x' }]);
  expect(partitionsOf(value, 'views')).toEqual([]);
  expect(partitionsOf({ bookmarks: { clicks: { replication_key_value: 1 } } }, 'clicks')).toEqual(
    [],
  );
});
