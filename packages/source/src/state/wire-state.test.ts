import { namedEntry, wirePartition } from '@traffic-events/slice';
import type { StatePartition, TailEntry } from '@traffic-events/slice';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';

import { newPartition } from './partition.ts';
import { parseSavedStates } from './saved-states.ts';

const instant = fc.constantFrom('2026-01-09T06:00:00.000Z', '2026-01-10T06:00:00.000Z');
const text = fc.constantFrom('e1', 'e2');

const entry: fc.Arbitrary<TailEntry> = fc.record(
  {
    status: fc.constant('open' as const),
    execution_id: fc.option(text),
    create_time: fc.option(instant),
    row_count: fc.option(fc.nat(9)),
    main_sum: fc.option(fc.constantFrom('0', '12.5')),
    complete: fc.boolean(),
    settled: fc.boolean(),
    suspect: fc.boolean(),
    last_create_time: fc.option(instant),
    attempts: fc.nat(2),
    next_try: fc.option(instant),
    doubt: text,
    bundle: text,
    fingerprint: text,
    last_execution_id: text,
    last_failure: fc.constantFrom('failure' as const, 'overlap' as const),
  },
  {
    requiredKeys: [
      'status',
      'execution_id',
      'create_time',
      'row_count',
      'main_sum',
      'complete',
      'settled',
      'suspect',
      'last_create_time',
      'attempts',
      'next_try',
    ],
  },
);

const partitionWith = (tail: Record<string, TailEntry>): StatePartition => ({
  context: { account_id: 'a' },
  ...newPartition('f', '2026-01-01'),
  tail,
});

it('what is written short is read as it was', () => {
  fc.assert(
    fc.property(entry, entry, (first, second) => {
      const partition = partitionWith({ '2026-01-07': first, '2026-01-08': second });
      const { context: _, ...state } = partition;
      for (const written of [wirePartition(partition), partition]) {
        const saved = { stream: 's', accountId: 'a', state: JSON.parse(JSON.stringify(written)) };
        expect(parseSavedStates([saved])).toEqual([{ ...saved, state }]);
      }
    }),
    { numRuns: 500 },
  );
});

it('a plain copy takes four values', () => {
  const plain: TailEntry = {
    status: 'open',
    execution_id: 'e1',
    create_time: '2026-01-09T06:00:00.000Z',
    row_count: 3,
    main_sum: '12',
    complete: true,
    settled: false,
    suspect: false,
    last_create_time: '2026-01-09T06:00:00.000Z',
    attempts: 0,
    next_try: null,
  };
  expect(wirePartition(partitionWith({ '2026-01-08': plain }))).toMatchObject({
    tail: { '2026-01-08': ['e1', '2026-01-09T06:00:00.000Z', 3, '12'] },
  });
  expect(namedEntry(['e1', 'x'])).toEqual(['e1', 'x']);
});

it('what was shown of bundles is read as it was', () => {
  const partition: StatePartition = {
    ...partitionWith({}),
    in_flight: [
      {
        event_date: '2026-01-07',
        workflow_id: 'w',
        execution_id: 'e',
        create_time: '2026-01-09T06:00:00.000Z',
        expire_time: null,
        bundle: 'shape',
      },
    ],
    bundle: {
      shape: 'shape',
      proof: 'refused',
      at: '2026-01-09T06:00:00.000Z',
      event_date: '2026-01-05',
      reason: 'a bundle has less',
      answer: {
        event_date: '2026-01-05',
        execution_id: 'e',
        row_count: 3,
        sums: { clicks: '7', impressions: null },
        suppressed_share: 0.5,
      },
    },
    bundle_limit: { members: 3, at: '2026-01-09T06:00:00.000Z' },
  };
  const { context: _, ...state } = partition;
  const saved = {
    stream: 's',
    accountId: 'a',
    state: JSON.parse(JSON.stringify(wirePartition(partition))),
  };
  expect(parseSavedStates([saved])).toEqual([{ ...saved, state }]);
});
