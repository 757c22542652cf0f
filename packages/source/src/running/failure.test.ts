import type { WorkflowExecution } from '@traffic-events/client';
import { expect, it } from 'vitest';

import { executionFailure } from './failure.ts';

const ended = (status: string, reason: string | null) =>
  executionFailure({ status, reason, state: 'failed' } as WorkflowExecution);

it('does not send a rejected definition again, but tries again what failed', () => {
  expect(ended('REJECTED', 'no such column')).toEqual({
    kind: 'never',
    reason: 'REJECTED: no such column',
  });
  expect(ended('FAILED', null)).toEqual({
    kind: 'again',
    reason: 'FAILED: the API gave no reason',
  });
});

it('puts off what the overlap rule refuses, however it ended', () => {
  const reason =
    'Execution "X" of workflow "Y" could not be run because too many workflows have already been run against the same input data sources in the same or overlapping time windows.';
  expect(ended('REJECTED', reason).kind).toBe('later');
  expect(ended('FAILED', reason).kind).toBe('later');
});
