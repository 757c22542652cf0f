import type { WorkflowExecution } from '@traffic-events/client';
import type { InFlightExecution, InstantMs, TailEntry } from '@traffic-events/slice';

import { HOUR_MS, REFRESH_MS, URGENT_MS } from '../streams/timing.ts';
import type { SliceTiming } from '../streams/timing.ts';

/** The service ends an execution after this time, unless it says another one (API.md 1.4). */
const SERVICE_TIMEOUT_MS = 6 * HOUR_MS;
/** The timeout counts from its start; before it, an execution waits in a queue. */
const QUEUE_MS = 2 * HOUR_MS;

/** A daily run comes again within this time, late ones included. */
const NEXT_RUN_MS = 30 * HOUR_MS;

/** A date at risk is followed for so long at least before it is asked for again. */
const SHORTEST_FOLLOW_MS = HOUR_MS;

/** How a slice stands at a moment. */
export interface Standing {
  readonly entry: TailEntry;
  readonly timing: SliceTiming;
  /** API time. */
  readonly nowMs: InstantMs;
}

/** What is left of the time in which anything of a slice can be had. */
export function leftMs({ expiresMs, goneMs }: SliceTiming, nowMs: InstantMs): number {
  return (nowMs <= expiresMs ? expiresMs : goneMs) - nowMs;
}

/**
 * Whether a run must not leave a slice to the next one: it begins to expire before that may come, or
 * it is at risk.
 */
export function isPressing({ entry, timing, nowMs }: Standing): boolean {
  const remainingMs = timing.expiresMs - nowMs;
  const atRisk = isAtRisk({ entry, timing, nowMs });
  if (remainingMs > 0) return atRisk || remainingMs < NEXT_RUN_MS;
  return entry.execution_id === null && timing.goneMs - nowMs < NEXT_RUN_MS;
}

/** No complete copy, and less than 48 hours to make one. */
export function isAtRisk({ entry, timing, nowMs }: Standing): boolean {
  const remainingMs = timing.expiresMs - nowMs;
  return remainingMs > 0 && remainingMs < URGENT_MS && !entry.complete;
}

/**
 * Until when an execution is waited for, in API time: near the service's own timeout, and never
 * longer than its result can be had. Half of what is left to a slice that must not wait for the next
 * run is kept for another try.
 */
export function followUntilMs(
  execution: WorkflowExecution,
  inFlight: InFlightExecution,
  standing: Standing,
): InstantMs {
  const { timing, nowMs } = standing;
  const timeoutMs = execution.timeoutMs ?? SERVICE_TIMEOUT_MS;
  const createdMs = inFlight.dated_by === 'unknown' ? nowMs : Date.parse(inFlight.create_time);
  const overdueMs = createdMs + timeoutMs + QUEUE_MS;
  const untilMs = Math.min(overdueMs, execution.expireTimeMs ?? Infinity);
  if (!isPressing(standing)) return untilMs;
  return Math.min(untilMs, nowMs + Math.max(SHORTEST_FOLLOW_MS, leftMs(timing, nowMs) / 2));
}

/**
 * Whether a new execution would show as much as one whose result could not be had, and more: it is a
 * day old, and nothing has begun to expire since.
 */
export function isReplaceable(inFlight: InFlightExecution, { timing, nowMs }: Standing): boolean {
  return nowMs - Date.parse(inFlight.create_time) >= REFRESH_MS && nowMs <= timing.expiresMs;
}

/**
 * Whether an execution that did not end in its time is given up, so that its slice is asked for
 * again. Otherwise it stays in flight: it may still end, and another one costs as much.
 */
export function isGivenUp(inFlight: InFlightExecution, standing: Standing): boolean {
  const ageMs = standing.nowMs - Date.parse(inFlight.create_time);
  return ageMs >= REFRESH_MS || isPressing(standing);
}
