import { expect, test } from 'vitest';
import { partitionFault } from './state-bounds.ts';
import type { InFlightExecution, PartitionState, TailEntry } from './state.ts';

const NOW = Date.parse('2026-01-10T06:00:00Z');

const entry: TailEntry = {
  status: 'open',
  execution_id: 'e',
  create_time: '2026-01-09T06:00:00.000Z',
  row_count: 3,
  main_sum: '12.5',
  complete: true,
  settled: false,
  suspect: false,
  last_create_time: '2026-01-10T05:00:00.000Z',
  attempts: 1,
  next_try: '2026-01-10T18:00:00Z',
};
const execution: InFlightExecution = {
  event_date: '2026-01-09',
  workflow_id: 'w',
  execution_id: 'e',
  create_time: '2026-01-10T05:00:00+00:00',
  expire_time: '2026-01-11T05:00:00.000Z',
};
const answer = {
  event_date: '2026-01-06',
  execution_id: 'e',
  row_count: 1,
  sums: { clicks: '1', cost: null },
  suppressed_share: 0.5,
};
const bundle = {
  shape: 's',
  proof: 'open',
  at: '2026-01-08T06:00:00Z',
  event_date: null,
  answer,
} as const;
const state: PartitionState = {
  fingerprint: 'f',
  renamed: { g: 'f' },
  since: '2026-01-01',
  bookmark: '2026-01-05',
  closed: [['2026-01-07', '2026-01-08']],
  tail: { '2026-01-09': entry },
  in_flight: [execution],
  bundle,
};

const dates = (number: number) =>
  Array.from({ length: number }, (_, day) =>
    new Date(Date.UTC(2010, 0, 1 + day)).toISOString().slice(0, 10),
  );

test('a state as a run writes it has no fault', () => {
  expect(partitionFault(state, NOW)).toBeUndefined();
  expect(partitionFault(state)).toBeUndefined();
  expect(partitionFault({ ...state, since: '2026-06-01', bookmark: null }, NOW)).toBeUndefined();
});

test.each<[string, Partial<PartitionState>]>([
  ['since: "someday" is no date such as 2026-01-31', { since: 'someday' }],
  ['since: 1999-12-31 is before 2000-01-01', { since: '1999-12-31' }],
  ['since: 9999-01-01 is after 2027-02-14', { since: '9999-01-01' }],
  ['bookmark: 9999-12-31 is after 2026-01-11', { bookmark: '9999-12-31' }],
  ['bookmark: "2026-02-30" is no date such as 2026-01-31', { bookmark: '2026-02-30' }],
  ['bookmark: 2025-12-30 is before since, 2026-01-01', { bookmark: '2025-12-30' }],
  ['closed: 2026-01-08 to 2026-01-07 runs backwards', { closed: [['2026-01-08', '2026-01-07']] }],
  ['closed: 9999-12-31 is after 2026-01-11', { closed: [['2026-01-08', '9999-12-31']] }],
  ['tail: 2026-01-12 is after 2026-01-11', { tail: { '2026-01-12': entry } }],
  ['tail: "x" is no date such as 2026-01-31', { tail: { x: entry } }],
  [
    'tail: 3000 entries, of 2000 at most',
    { tail: Object.fromEntries(dates(3000).map((date) => [date, entry])) },
  ],
  [
    'tail."2026-01-09".create_time: 2126-01-09 is after 2026-01-11',
    { tail: { '2026-01-09': { ...entry, create_time: '2126-01-09T00:00:00Z' } } },
  ],
  [
    'tail."2026-01-09".next_try: "soon" is no instant such as 2026-01-31T06:00:00Z',
    { tail: { '2026-01-09': { ...entry, next_try: 'soon' } } },
  ],
  [
    'tail."2026-01-09".main_sum: "NaN" is no number',
    { tail: { '2026-01-09': { ...entry, main_sum: 'NaN' } } },
  ],
  [
    'tail."2026-01-09".row_count: -1 is no whole number from 0 to 9007199254740991',
    { tail: { '2026-01-09': { ...entry, row_count: -1 } } },
  ],
  [
    'in_flight: 1001 entries, of 1000 at most',
    { in_flight: Array.from({ length: 1001 }, () => execution) },
  ],
  [
    'in_flight[0].event_date: 9999-12-31 is after 2026-01-11',
    { in_flight: [{ ...execution, event_date: '9999-12-31' }] },
  ],
  ...['many', '1e3', ''].map((clicks): [string, Partial<PartitionState>] => [
    `bundle.answer.sums."clicks": ${JSON.stringify(clicks)} is no number`,
    { bundle: { ...bundle, answer: { ...answer, sums: { cost: null, clicks } } } },
  ]),
  [
    'bundle.answer.sums."clicks": 1001 characters, of 1000 at most',
    { bundle: { ...bundle, answer: { ...answer, sums: { clicks: '1'.repeat(1001) } } } },
  ],
  [
    'bundle.answer.execution_id: 1001 characters, of 1000 at most',
    { bundle: { ...bundle, answer: { ...answer, execution_id: 'e'.repeat(1001) } } },
  ],
  [
    'tail."2026-01-09".bundle: 1001 characters, of 1000 at most',
    { tail: { '2026-01-09': { ...entry, bundle: 's'.repeat(1001) } } },
  ],
  [
    'in_flight[0].bundle: 1001 characters, of 1000 at most',
    { in_flight: [{ ...execution, bundle: 's'.repeat(1001) }] },
  ],
  [
    'bundle_limit.members: 0 is no whole number from 1 to 1000',
    { bundle_limit: { members: 0, at: '2026-01-09T06:00:00Z' } },
  ],
  [
    'bundle_limit.at: 2126-01-09 is after 2026-01-11',
    { bundle_limit: { members: 2, at: '2126-01-09T06:00:00Z' } },
  ],
  ['fingerprint: 5000 characters, of 1000 at most', { fingerprint: 'f'.repeat(5000) }],
])('%s', (fault, changed) => {
  expect(partitionFault({ ...state, ...changed }, NOW)).toBe(fault);
});

test('without the time a date of the year 9999 is refused all the same', () => {
  expect(partitionFault({ ...state, bookmark: '9999-12-31' })).toBe(
    'bookmark: 9999-12-31 is after 2099-12-31',
  );
});
