import type { RunSummary } from '../running/run-summary.ts';

/** The summary of a run that had nothing to do, and did it. */
export const NOTHING_DONE: RunSummary = {
  runId: 'r',
  startedAt: '2026-01-07T06:00:00.000Z',
  endedAt: '2026-01-07T07:00:00.000Z',
  created: 0,
  adopted: 0,
  loaded: 0,
  kept: 0,
  failed: [],
  missed: [],
  partial: [],
  frozen: [],
  atRisk: [],
  beforeStart: [],
  failedAccounts: [],
  refusedStreams: [],
  leftForLater: [],
  inFlight: [],
  interrupted: false,
  outOfTime: false,
};
