import type { PartitionState } from '@traffic-events/slice';
import { expect, test } from 'vitest';

import { isClosed, newPartition, withClosed } from './partition.ts';
import { RunState } from './run-state.ts';

const STREAM = 'dsp_clicks';
const ACCOUNT = 'DE:dsp:1';
const DATES = ['2026-01-01', '2026-01-02', '2026-01-03'] as const;

/** The state of a run with one partition, to which a closing of each of the dates is added, in this order. */
function runStateOf(dates: readonly string[] = DATES) {
  const run = new RunState([]);
  run.change(STREAM, ACCOUNT, () => newPartition('fp', DATES[0])).settle();
  const changes = dates.map((date) =>
    run.change(STREAM, ACCOUNT, (state) => withClosed(state as PartitionState, date, 'settled')),
  );
  return { run, changes, bookmark: () => run.get(STREAM, ACCOUNT)?.bookmark };
}

test('a change builds on those before it, and says nothing of those behind it', () => {
  const { changes, bookmark } = runStateOf();
  expect(changes.map(({ state }) => state.bookmark)).toEqual(DATES);
  expect(bookmark()).toBe(DATES[2]);
});

test('what is taken back is gone from every change that builds on it', () => {
  const { run, changes } = runStateOf();
  changes[1]?.withdraw();
  const closedIn = (state: PartitionState | undefined) =>
    DATES.filter((date) => state !== undefined && isClosed(state, date));
  expect(closedIn(changes[0]?.state)).toEqual([DATES[0]]);
  expect(closedIn(changes[2]?.state)).toEqual([DATES[0], DATES[2]]);
  expect(closedIn(run.get(STREAM, ACCOUNT))).toEqual([DATES[0], DATES[2]]);
  changes[2]?.settle();
  expect(closedIn(run.get(STREAM, ACCOUNT))).toEqual([DATES[0], DATES[2]]);
});

test('what is safe stays, whatever is taken back behind it', () => {
  const { changes, bookmark } = runStateOf();
  changes[0]?.settle();
  changes[1]?.withdraw();
  changes[1]?.withdraw();
  expect(bookmark()).toBe(DATES[0]);
  expect(changes[2]?.state.bookmark).toBe(DATES[0]);
});

test('partitions do not touch each other', () => {
  const { run, changes } = runStateOf();
  const other = run.change(STREAM, 'UK:dsp:1', () => newPartition('fp', DATES[0]));
  for (const change of changes) change.withdraw();
  expect(other.state.bookmark).toBeNull();
  expect(run.get(STREAM, ACCOUNT)).toEqual(newPartition('fp', DATES[0]));
});
