import { expect, it } from 'vitest';

import { sqlRequest } from '../testing/client-fixture.ts';
import { describeReach } from './describe-reach.ts';

const DAY_MS = 86_400_000;
const nowMs = Date.UTC(2026, 0, 31);

const reach = (kind: 'sql' | 'page_url_report', startMs: number, endMs: number) => {
  const { workflowId, sqlQuery } = sqlRequest();
  return describeReach({ kind, workflowId, sqlQuery, window: { startMs, endMs } }, nowMs);
};

it('tells of a window that reaches beyond retention or into the future', () => {
  expect(reach('sql', nowMs - 30 * DAY_MS, nowMs)).toBeNull();
  expect(reach('sql', nowMs - 30 * DAY_MS - 1_000, nowMs)).toBe(
    'the window begins more than 30 days ago, so that a part of it may have expired',
  );
  const ended = (daysAgo: number) => reach('sql', nowMs - 40 * DAY_MS, nowMs - daysAgo * DAY_MS);
  expect(ended(29)).toMatch(/^the window begins more than 30 days ago/);
  expect(ended(30)).toBe(
    'the window ended more than 30 days ago, so that all of it has expired but for what arrived late',
  );
  expect(ended(33)).toBe(
    'the window ended more than 30 days ago, so that all of it has expired: an empty result says nothing about it',
  );
  expect(reach('page_url_report', nowMs - 365 * DAY_MS, nowMs)).toBeNull();
  expect(reach('page_url_report', nowMs - 366 * DAY_MS, nowMs)).toMatch(/more than 365 days ago/);
  expect(reach('sql', nowMs - DAY_MS, nowMs + 1_000)).toBe(
    'the window ends in the future, so that its events are not all there',
  );
  expect(describeReach({ ...sqlRequest(), window: 'CURRENT_MONTH' }, nowMs)).toBeNull();
});
