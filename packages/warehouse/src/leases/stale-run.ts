import type { RunMark } from '@traffic-events/slice';
import { StaleRunError } from '../errors.ts';

/** The run that committed last to an account. */
export interface CommittedRun {
  readonly run_id: string | null;
  readonly run_started_at: Date | null;
}

/** Throws `StaleRunError` when `committed` began after `run`. */
export function refuseStaleRun(accountId: string, run: RunMark, committed: CommittedRun): void {
  const { run_id: committedId, run_started_at: committedAt } = committed;
  if (committedAt === null || committedId === run.id) return;
  if (committedAt.getTime() <= Date.parse(run.started_at)) return;
  throw new StaleRunError(accountId, {
    startedAt: run.started_at,
    committedId: committedId ?? 'unknown',
    committedAt: committedAt.toISOString(),
  });
}
