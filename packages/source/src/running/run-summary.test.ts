import { expect, it } from 'vitest';

import { outcomeOf } from './run-summary.ts';
import { NOTHING_DONE } from '../testing/nothing-done.ts';
import type { LeftReason, RunOutcome, RunSummary } from './run-summary.ts';

const slice = { stream: 's', accountId: 'DE:dsp:1', eventDate: '2026-01-01' };
const failed = (isRefused: boolean) => ({
  failed: [{ ...slice, reason: 'x', isRefused, attempts: 1 }],
});
const account = (cause: RunSummary['failedAccounts'][number]['cause']) => ({
  failedAccounts: [{ accountId: 'DE:dsp:1', cause, reason: 'x' }],
});
const left = (reason: LeftReason) => ({
  leftForLater: [{ accountId: 'DE:dsp:1', reason, slices: 1, nextTry: null }],
});
const refused = { stream: 's', reason: 'it is a view' };
const inFlight = { inFlight: [{ ...slice, executionId: 'e', expireTime: null }] };
const atRisk = { atRisk: [slice] };

it.each<[string, Partial<RunSummary>, RunOutcome]>([
  ['nothing to say', {}, 'done'],
  ['the executions of the day are spent', left('quota'), 'done'],
  ['a slice failed', failed(false), 'slicesFailed'],
  ['a retry waits', left('failure'), 'slicesFailed'],
  ['an overlap refusal waits', left('overlap'), 'slicesFailed'],
  ['others hold the slots', { ...account('capacity'), ...left('capacity') }, 'slicesFailed'],
  ['the warehouse refused a stream', { refusedStreams: [refused] }, 'slicesFailed'],
  ['an execution is in flight', inFlight, 'slicesFailed'],
  ['the time was over', { outOfTime: true }, 'slicesFailed'],
  ['a query was refused', failed(true), 'service'],
  ['an account was refused', account('refused'), 'service'],
  ['the API could not be reached', account('unreachable'), 'service'],
  ['the network alone left slices', left('network'), 'service'],
  ['a failure beside an outage', { ...failed(false), ...account('unreachable') }, 'service'],
  ['a date at risk beside an outage', { ...atRisk, ...account('unreachable') }, 'dateAtRisk'],
  [
    'a date lost beside a refusal',
    { missed: [{ ...slice, reason: 'x' }], ...failed(true) },
    'dateAtRisk',
  ],
  ['a part of a date lost', { partial: [{ ...slice, reason: 'x' }] }, 'dateAtRisk'],
  ['a date frozen', { frozen: [{ ...slice, reason: 'x' }] }, 'done'],
])('%s', (_, facts, outcome) => {
  expect(outcomeOf({ ...NOTHING_DONE, ...facts })).toBe(outcome);
});
