import { expect, test } from 'vitest';
import { passedPartition, readPartition } from './read-partition.ts';

const NOW = Date.parse('2026-01-10T06:00:00Z');
const execution = {
  event_date: '2026-01-06',
  workflow_id: 'w',
  execution_id: 'e',
  create_time: '2026-01-08T06:00:00Z',
  expire_time: null,
};
const partition = {
  fingerprint: 'f',
  since: '2026-01-01',
  bookmark: '2026-01-05',
  tail: {},
  in_flight: [execution],
  bundle: {
    shape: 's',
    proof: 'equal',
    at: '2026-01-08T06:00:00Z',
    event_date: '2026-01-06',
    answer: {
      event_date: '2026-01-06',
      execution_id: 'e',
      row_count: 1,
      sums: { clicks: '1', cost: null },
      suppressed_share: 0.5,
    },
  },
  bundle_limit: { members: 2, at: '2026-01-08T06:00:00Z' },
};
const readers = [
  ['to go on from', readPartition],
  ['to be passed on', passedPartition],
] as const;

test.each(readers)('%s, it is read as it was written', (_, read) => {
  expect(read(partition)).toEqual({ state: partition });
});

test.each(readers)('%s, what an entry of the tail leaves out is as never extracted', (_, read) => {
  const tail = { '2026-01-07': { execution_id: 'e', create_time: '2026-01-08T06:00:00Z' } };
  expect(read({ ...partition, tail })).toMatchObject({
    state: {
      tail: {
        '2026-01-07': {
          status: 'open',
          execution_id: 'e',
          create_time: '2026-01-08T06:00:00Z',
          row_count: null,
          main_sum: null,
          complete: false,
          settled: false,
          suspect: false,
          last_create_time: '2026-01-08T06:00:00Z',
          attempts: 0,
          next_try: null,
        },
      },
    },
  });
});

const unreadable: readonly (readonly [string, unknown])[] = [
  ['value: ', []],
  ['value: ', null],
  ['since: ', { ...partition, since: undefined }],
  ['bookmark: ', { ...partition, bookmark: undefined }],
  ['tail: ', { ...partition, tail: [] }],
  ['tail.2026-01-07.status: ', { ...partition, tail: { '2026-01-07': { status: 'lost' } } }],
  ['bundle.proof: ', { ...partition, bundle: { ...partition.bundle, proof: 'other' } }],
  ['in_flight: ', { ...partition, in_flight: 'none' }],
  [
    'in_flight.0.expire_time: ',
    { ...partition, in_flight: [{ ...execution, expire_time: undefined }] },
  ],
];

test.each(
  readers.flatMap(([what, read]) =>
    unreadable.map(([where, value]) => ({ what, read, where, value })),
  ),
)('$what, $where is named where it is not readable', ({ read, where, value }) => {
  const { fault } = read(value) as { fault: string };
  expect(fault.slice(0, where.length)).toBe(where);
});

test('what a newer version has added is passed on, and nobody goes on from it', () => {
  const newer = {
    ...partition,
    added: 1,
    tail: { '2026-01-07': { attempts: 1, added: 2 } },
    in_flight: [{ ...execution, added: 3 }],
  };
  expect(passedPartition(newer)).toMatchObject({ state: newer });
  expect(JSON.stringify(readPartition(newer))).not.toContain('added');
});

test('only what is gone on from is held to its bounds at once', () => {
  const late = { ...partition, bookmark: '9999-12-31' };
  expect(readPartition(late, NOW)).toEqual({ fault: 'bookmark: 9999-12-31 is after 2026-01-11' });
  expect(passedPartition(late)).toMatchObject({ state: { bookmark: '9999-12-31' } });
});
