import { expect, test } from 'vitest';
import type { TailEntry } from '@traffic-events/slice';
import { missingClaims } from './state-gate.ts';

const entry = (status: TailEntry['status'], executionId: string | null): TailEntry => ({
  status,
  execution_id: executionId,
  create_time: null,
  row_count: null,
  main_sum: null,
  complete: true,
  settled: false,
  suspect: false,
  last_create_time: null,
  attempts: 0,
  next_try: null,
});
const claim = (bookmark: string | null, tail: Record<string, TailEntry> = {}) => ({
  stream: 'clicks',
  accountId: 'a',
  state: { fingerprint: 'f', since: '2026-01-01', bookmark, tail, in_flight: [] },
});
const known =
  (...dates: string[]) =>
  () =>
    new Set(dates);

test('what the ledger knows is not missing', () => {
  expect(missingClaims([claim(null)], known())).toEqual([]);
  expect(missingClaims([claim('2026-01-02')], known('2026-01-01', '2026-01-02'))).toEqual([]);
});

test('missing dates are named as ranges', () => {
  expect(missingClaims([claim('2026-01-06')], known('2026-01-03'))).toEqual([
    'clicks a 2026-01-01 to 2026-01-02',
    'clicks a 2026-01-04 to 2026-01-06',
  ]);
});

test('of the tail, dates count that hold a copy or have closed', () => {
  const tail = {
    '2026-01-04': entry('open', null),
    '2026-01-05': entry('open', 'e5'),
    '2026-01-06': entry('missed', null),
  };
  expect(missingClaims([claim(null, tail)], known())).toEqual([
    'clicks a 2026-01-05 to 2026-01-06',
  ]);
});
