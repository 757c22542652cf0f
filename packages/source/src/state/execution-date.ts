import type { WorkflowExecution } from '@traffic-events/client';
import type { EventDate, InFlightExecution, InstantMs, Window } from '@traffic-events/slice';

import { toIso } from './partition.ts';

/**
 * An execution as the state carries it. `sentMs` is the moment before the create was sent, in API
 * time, and null where another run has sent it. Without an own createTime and that moment all that
 * is known is that it was created when its window was over, too early to settle anything.
 */
export function inFlightOf(
  execution: WorkflowExecution,
  of: {
    readonly eventDate: EventDate;
    readonly workflowId: string;
    readonly window: Window;
    readonly sentMs: InstantMs | null;
  },
): InFlightExecution {
  const { id, createTimeMs, expireTimeMs } = execution;
  const { sentMs } = of;
  const datedBy = createTimeMs !== null ? 'api' : sentMs !== null ? 'create' : 'unknown';
  return {
    event_date: of.eventDate,
    workflow_id: of.workflowId,
    execution_id: id,
    create_time: toIso(createTimeMs ?? sentMs ?? of.window.endMs),
    dated_by: datedBy,
    expire_time: expireTimeMs === null ? null : toIso(expireTimeMs),
  };
}

/**
 * The execution with what the API said of it at its end: its own createTime wins over any other, and
 * what a state of old has guessed counts for nothing.
 */
export function datedAtEnd(
  inFlight: InFlightExecution,
  ended: WorkflowExecution,
  window: Window,
): InFlightExecution {
  if (ended.createTimeMs !== null) {
    return { ...inFlight, create_time: toIso(ended.createTimeMs), dated_by: 'api' };
  }
  const isKnown = inFlight.dated_by === 'api' || inFlight.dated_by === 'create';
  return isKnown
    ? inFlight
    : { ...inFlight, create_time: toIso(window.endMs), dated_by: 'unknown' };
}
