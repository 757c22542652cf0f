import { seededRandom } from '../events/random.ts';
import type { DurationSettings } from '../settings/settings.ts';
import type { Phases } from './execution.ts';

/** Share of an execution that it waits before it runs. */
const PENDING_SHARE = 0.2;

/** A source of durations, one for each execution in the order of their creation. */
export function phasesFrom(settings: DurationSettings): () => Phases {
  if (typeof settings === 'number') return () => split(settings);
  if ('pendingMs' in settings) return () => settings;
  const random = seededRandom(`durations/${settings.seed}`);
  return () => split(settings.medianMs * Math.exp(settings.sigma * random.normal()));
}

function split(totalMs: number): Phases {
  const pendingMs = totalMs * PENDING_SHARE;
  return { pendingMs, runningMs: totalMs - pendingMs, publishingMs: 0 };
}
