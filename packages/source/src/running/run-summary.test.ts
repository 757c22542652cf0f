import { expect, it } from 'vitest';

import { exitCodeOf } from './run-summary.ts';
import { NOTHING_DONE } from '../testing/nothing-done.ts';
import type { LeftReason, RunSummary } from './run-summary.ts';

const slice = { stream: 's', accountId: 'DE:dsp:1', eventDate: '2026-01-01' };
const failed = (isRefused: boolean) => ({ failed: [{ ...slice, reason: 'x', isRefused }] });
const account = (cause: RunSummary['failedAccounts'][number]['cause']) => ({
  failedAccounts: [{ accountId: 'DE:dsp:1', cause, reason: 'x' }],
});
const left = (reason: LeftReason) => ({
  leftForLater: [{ accountId: 'DE:dsp:1', reason, slices: 1, nextTry: null }],
});
const inFlight = { inFlight: [{ ...slice, executionId: 'e', expireTime: null }] };
const atRisk = { atRisk: [slice] };

it.each<[string, Partial<RunSummary>, number]>([
  ['nothing to say', {}, 0],
  ['the executions of the day are spent', left('quota'), 0],
  ['a slice failed', failed(false), 5],
  ['a retry waits', left('failure'), 5],
  ['an overlap refusal waits', left('overlap'), 5],
  ['others hold the slots', { ...account('capacity'), ...left('capacity') }, 5],
  ['an execution is in flight', inFlight, 5],
  ['the time was over', { outOfTime: true }, 5],
  ['a query was refused', failed(true), 8],
  ['an account was refused', account('refused'), 8],
  ['the API could not be reached', account('unreachable'), 8],
  ['the network alone left slices', left('network'), 8],
  ['a failure beside an outage', { ...failed(false), ...account('unreachable') }, 8],
  ['a date at risk beside an outage', { ...atRisk, ...account('unreachable') }, 6],
  ['a date lost beside a refusal', { missed: [{ ...slice, reason: 'x' }], ...failed(true) }, 6],
  ['a part of a date lost', { partial: [{ ...slice, reason: 'x' }] }, 6],
  ['a date frozen', { frozen: [{ ...slice, reason: 'x' }] }, 0],
])('%s', (_, facts, code) => {
  expect(exitCodeOf({ ...NOTHING_DONE, ...facts })).toBe(code);
});
