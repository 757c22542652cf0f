import type { CreateOptions, WorkflowExecution } from '@traffic-events/client';
import { TrafficEventsError } from '@traffic-events/client';
import type { InFlightExecution } from '@traffic-events/slice';

import { followUntilMs, isPressing, leftMs } from '../planning/patience.ts';
import type { Standing } from '../planning/patience.ts';
import type { ApiReach } from './api-reach.ts';
import type { RunContext } from './run-context.ts';

/** The API's time comes in whole seconds: a slice that has just expired may not seem so yet. */
const SHORTEST_SLOT_WAIT_MS = 60_000;

interface Waiting {
  readonly run: RunContext;
  readonly reach: ApiReach;
}

/** How long a create waits for a slot: for as long as anything of the slice can be had. */
export function createWait(
  { run, reach }: Waiting,
  standing: Standing,
): CreateOptions & { readonly slotTimeoutMs: number } {
  return {
    // A create that is broken off half-way may leave an orphan: a stop lets it end.
    signal: AbortSignal.any([run.graceSignal, reach.overSignal]),
    slotSignal: endOfWait({ run, reach }, standing),
    slotTimeoutMs: Math.max(SHORTEST_SLOT_WAIT_MS, leftMs(standing.timing, standing.nowMs)),
  };
}

/** How long the end of an execution is waited for. */
export function followWait(
  { run, reach }: Waiting,
  standing: Standing,
  { inFlight, execution }: { inFlight: InFlightExecution; execution: WorkflowExecution },
): { readonly signal: AbortSignal; readonly deadlineMs: number } {
  const waitMs = followUntilMs(execution, inFlight, standing) - standing.nowMs;
  return {
    signal: endOfWait({ run, reach }, standing),
    deadlineMs: run.clock.now() + waitMs,
  };
}

/** Aborted when nothing is waited for any more: the run ends, its time is up, or the account is given up. */
export function endOfWait({ run, reach }: Waiting, standing: Standing): AbortSignal {
  const ends = [run.signal, reach.overSignal];
  if (!isPressing(standing)) ends.push(run.timeUpSignal);
  return AbortSignal.any(ends);
}

/** Whether a create found no slot for as long as it waited. */
export function isCapacity(error: unknown): boolean {
  return error instanceof TrafficEventsError && error.code === 'capacity';
}
