import type { RunMark } from '@traffic-events/slice';
import { StaleRunError } from '../errors.ts';

/** Throws `StaleRunError` when `committed` began after `run`. */
export function refuseStaleRun(
  accountId: string,
  run: RunMark,
  committed: { readonly run_id: string | null; readonly run_started_at: Date | null },
): void {
  const { run_id: committedId, run_started_at: committedAt } = committed;
  if (committedAt === null || committedId === run.id) return;
  if (committedAt.getTime() <= Date.parse(run.started_at)) return;
  throw new StaleRunError(accountId, {
    startedAt: run.started_at,
    committedId: committedId ?? 'unknown',
    committedAt: committedAt.toISOString(),
  });
}
