import { LONGEST_WAIT_MS } from './play-world.ts';
import type { PlayedRun } from './play-run.ts';

/** Nothing went wrong in the run itself: what it could extract, it has extracted. */
export function isLeftAlone({ plan, summary }: PlayedRun): boolean {
  if (summary === undefined || summary.interrupted) return false;
  return plan.troubles.length === 0 && plan.maxDurationMs === undefined;
}

/** And nothing that went wrong before it makes anything wait. */
export function isCalm(run: PlayedRun, runs: readonly PlayedRun[]): boolean {
  const before = runs.slice(0, runs.indexOf(run));
  return (
    isLeftAlone(run) &&
    !before.some(
      (other) =>
        run.startedMs - other.endedMs < LONGEST_WAIT_MS &&
        (other.plan.troubles.length > 0 || other.plan.maxDurationMs !== undefined),
    )
  );
}
