import type { RunSummary } from '@traffic-events/source';
import { NOTHING_DONE } from '@traffic-events/source/testing';
import { expect, it } from 'vitest';

import { gravestExitCode } from '../exit/exit-code.ts';
import { exitCodeOfRun } from './exit-code-of-run.ts';

const slice = { stream: 's', accountId: 'DE:dsp:1', eventDate: '2026-01-01', reason: 'x' };
const { accountId, reason } = slice;

const FACTS: readonly Partial<RunSummary>[] = [
  {},
  { atRisk: [slice] },
  { missed: [slice] },
  { failedAccounts: [{ accountId, cause: 'unreachable', reason }] },
  { leftForLater: [{ accountId, reason: 'network', slices: 1, nextTry: null }] },
  { failed: [{ ...slice, isRefused: false, attempts: 1 }] },
  { inFlight: [{ ...slice, executionId: 'e', expireTime: null }] },
  { outOfTime: true },
];

it('of two facts about a run the graver one is told, as of any two exit codes', () => {
  for (const first of FACTS) {
    for (const second of FACTS) {
      const both = exitCodeOfRun({ ...NOTHING_DONE, ...first, ...second });
      const each = [first, second].map((facts) => exitCodeOfRun({ ...NOTHING_DONE, ...facts }));
      expect(both).toBe(gravestExitCode(each));
    }
  }
});
