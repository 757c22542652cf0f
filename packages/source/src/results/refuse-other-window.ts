import type { WorkflowExecution } from '@traffic-events/client';
import type { Window } from '@traffic-events/slice';

import { OtherWindowError } from '../errors.ts';

/**
 * Throws OtherWindowError when the API says that it used other instants than the slice's. A time
 * window that it does not understand it replaces by the most recent day, silently (API.md 1.4): the
 * rows would be taken for those of a date that they are not of.
 */
export function refuseOtherWindow({ id, window: used }: WorkflowExecution, asked: Window): void {
  const isStart = (used?.startMs ?? asked.startMs) === asked.startMs;
  const isEnd = (used?.endMs ?? asked.endMs) === asked.endMs;
  if (isStart && isEnd) return;
  throw new OtherWindowError(
    `the API used the window ${instant(used?.startMs)} to ${instant(used?.endMs)} for execution ${id}, but ` +
      `${instant(asked.startMs)} to ${instant(asked.endMs)} was asked for; its result is not loaded`,
  );
}

function instant(ms: number | null | undefined): string {
  return ms == null ? 'unknown' : new Date(ms).toISOString();
}
