import { LONGEST_WAIT_MS } from './play-world.ts';
import type { PlannedWorld } from './generate-world.ts';
import type { PlayedRun } from './play-run.ts';

type JudgedRun = Pick<PlayedRun, 'plan' | 'summary' | 'startedMs' | 'endedMs' | 'wasRefused'>;

/** Nothing went wrong in the run itself: what it could extract, it has extracted. */
export function isLeftAlone({ plan, summary }: Pick<PlayedRun, 'plan' | 'summary'>): boolean {
  if (summary === undefined || summary.interrupted) return false;
  return !isDisturbed({ plan });
}

/** The service counts what ran over the same data, and may refuse whatever is asked for. */
export function isCrowding({ behaviour }: PlannedWorld): boolean {
  return typeof behaviour.overlapLimit === 'number';
}

/** And nothing that went wrong before it makes anything wait, or has reached it. */
export function isCalm(run: JudgedRun, runs: readonly JudgedRun[]): boolean {
  const before = runs.slice(0, runs.indexOf(run));
  return (
    isLeftAlone(run) &&
    !isReached(run, runs) &&
    !before.some(
      (other) =>
        run.startedMs - other.endedMs < LONGEST_WAIT_MS &&
        (isDisturbed(other) || isReached(other, runs)),
    )
  );
}

/**
 * Whether a run may have taken over executions of one in which something went wrong: what has struck
 * them shows at their end only, and what comes of it waits from then on.
 */
function isReached(run: JudgedRun, runs: readonly JudgedRun[]): boolean {
  const mayHaveAdopted = !run.wasRefused && run.summary?.adopted !== 0;
  return mayHaveAdopted && runs.slice(0, runs.indexOf(run)).some(isDisturbed);
}

function isDisturbed({ plan }: Pick<PlayedRun, 'plan'>): boolean {
  return plan.troubles.length > 0 || plan.maxDurationMs !== undefined;
}
