import type { PartitionState, TailEntry } from '@traffic-events/slice';
import { describe, expect, it } from 'vitest';

import { acceptDefinition } from './accept-definition.ts';
import { HELD_OF_FORMER, newPartition, withFailed } from '../state/partition.ts';

const held = (date: string): TailEntry => ({
  status: 'open',
  execution_id: `e-${date}`,
  create_time: `${date}T23:00:00.000Z`,
  row_count: 1,
  main_sum: '1',
  complete: true,
  settled: false,
  suspect: false,
  last_create_time: `${date}T23:00:00.000Z`,
  attempts: 0,
  next_try: null,
});

const before: PartitionState = {
  ...withFailed(newPartition('old', '2026-01-01'), {
    eventDate: '2026-01-12',
    executionId: null,
    createTime: null,
    nextTryMs: 0,
  }),
  bookmark: '2026-01-09',
  in_flight: [
    {
      event_date: '2026-01-13',
      workflow_id: 'w',
      execution_id: 'e',
      create_time: '2026-01-14T00:00:00.000Z',
      expire_time: null,
    },
  ],
};
const partition = {
  ...before,
  tail: { '2026-01-10': held('2026-01-10'), '2026-01-11': held('2026-01-11'), ...before.tail },
};

const reopened = (date: string): TailEntry => ({
  ...held(date),
  fingerprint: 'old',
  last_create_time: null,
});

const formerly = (...dates: readonly string[]) =>
  Object.fromEntries(dates.map((date) => [date, HELD_OF_FORMER]));

describe('an accepted definition', () => {
  it('holds from the next event date on: dates with a copy keep it, closed', () => {
    const accepted = acceptDefinition(partition, 'new', 'from_next_date', '2025-12-20');
    expect(accepted.closings).toMatchObject([
      { eventDate: '2026-01-10', status: 'frozen' },
      { eventDate: '2026-01-11', status: 'frozen' },
    ]);
    expect(accepted.partition).toMatchObject({
      fingerprint: 'new',
      since: '2026-01-01',
      bookmark: '2026-01-11',
      in_flight: [],
    });
    expect(Object.keys(accepted.partition.tail)).toEqual(['2026-01-12']);
  });

  it.each([
    ['is not whole', { complete: false, settled: true, suspect: true, row_count: null }],
    ['is in doubt', { suspect: true, doubt: 'an hour is missing' }],
    ['is of a bundle that nothing has proven', { settled: true, bundle: 'shape' }],
  ])('is followed by a date whose copy %s, at once', (_, flaws) => {
    const flawed = { ...held('2026-01-10'), ...flaws };
    const waiting = { ...flawed, next_try: '2026-01-15T00:00:00.000Z', attempts: 4 };
    const accepted = acceptDefinition(
      { ...partition, tail: { ...partition.tail, '2026-01-10': waiting } },
      'new',
      'from_next_date',
      '2025-12-20',
    );
    expect(accepted.closings).toMatchObject([{ eventDate: '2026-01-11' }]);
    expect(accepted.partition.tail['2026-01-10']).toEqual({
      ...flawed,
      fingerprint: 'old',
      last_create_time: null,
    });
    expect(accepted.partition.bookmark).toBe('2026-01-09');
  });

  it('keeps a copy of a bundle that has been proven', () => {
    const entry = { ...held('2026-01-10'), bundle: 'shape' };
    const proven = {
      ...partition,
      tail: { ...partition.tail, '2026-01-10': entry },
      bundle: { shape: 'shape', proof: 'good', at: '2026-01-09T00:00:00.000Z', event_date: null },
    } as const;
    const { closings } = acceptDefinition(proven, 'new', 'from_next_date', '2025-12-20');
    expect(closings.map(({ eventDate }) => eventDate)).toEqual(['2026-01-10', '2026-01-11']);
  });

  it('opens again what can still be had whole when it is to be extracted again', () => {
    const accepted = acceptDefinition(partition, 'new', 'reextract', '2026-01-05');
    expect(accepted).toEqual({
      closings: [],
      partition: {
        fingerprint: 'new',
        since: '2026-01-01',
        bookmark: '2026-01-04',
        tail: {
          ...formerly('2026-01-05', '2026-01-06', '2026-01-07', '2026-01-08', '2026-01-09'),
          '2026-01-10': reopened('2026-01-10'),
          '2026-01-11': reopened('2026-01-11'),
        },
        in_flight: [],
      },
    });
    const all = acceptDefinition(partition, 'new', 'reextract', '2025-12-20');
    expect(all.partition.bookmark).toBeNull();
  });
});
