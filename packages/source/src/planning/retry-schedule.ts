import type { InstantMs, SliceFailure } from '@traffic-events/slice';

import { leftMs } from './patience.ts';
import { HOUR_MS, REFRESH_MS, URGENT_MS } from '../streams/timing.ts';
import type { SliceTiming } from '../streams/timing.ts';

const MINUTE_MS = 60_000;

/** Wait after the first, second, … failure in a row; the last one repeats. */
const RETRY_AFTER_MS = [1 * MINUTE_MS, 5 * MINUTE_MS, 1 * HOUR_MS, 4 * HOUR_MS, 12 * HOUR_MS];

/** A run whose slots are busy plans anew after this time at the latest: new dates come by the clock. */
export const REPLAN_MS = 15 * MINUTE_MS;

/** A run waits for retries that are due within this time, and leaves the others to the next run. */
export const RETRY_PATIENCE_MS = 10 * MINUTE_MS;

/** Wait before an API that did not answer `tries` times (from 1) is asked again. */
export function outagePauseMs(tries: number): number {
  return Math.min(5 * MINUTE_MS, 15_000 * 2 ** (tries - 1));
}

/** An execution that could not be followed or read this often in a row is given up. */
export const MAX_RESUMES = 3;

/**
 * When a slice is tried again after its `attempts`-th failure in a row (from 1). No wait outlives
 * what it waits for: half of the time that is left is kept for further tries.
 */
export function nextTryMs(failure: {
  readonly nowMs: InstantMs;
  readonly attempts: number;
  readonly waitsFor: SliceFailure;
  readonly timing: SliceTiming;
}): InstantMs {
  const { nowMs, attempts, waitsFor, timing } = failure;
  const waitMs = waitsFor === 'overlap' ? REFRESH_MS : backoffMs(attempts, timing, nowMs);
  const availableMs = leftMs(timing, nowMs);
  return nowMs + (availableMs > 0 ? Math.min(waitMs, availableMs / 2) : waitMs);
}

/** Due at any time: clocks are read more than once. */
const AT_ONCE_MS = 0;

/** The next try that a state asks for; at once where it asks for none, or nothing would be left then. */
export function heededTryMs(
  nextTry: string | null,
  timing: SliceTiming,
  nowMs: InstantMs,
): InstantMs {
  if (nextTry === null) return AT_ONCE_MS;
  const nextTryAtMs = Date.parse(nextTry);
  const availableMs = leftMs(timing, nowMs);
  return availableMs > 0 && nextTryAtMs >= nowMs + availableMs ? AT_ONCE_MS : nextTryAtMs;
}

function backoffMs(attempts: number, { expiresMs }: SliceTiming, nowMs: InstantMs): number {
  const last = RETRY_AFTER_MS.length - 1;
  const waitMs = RETRY_AFTER_MS[Math.min(attempts - 1, last)] ?? 0;
  return expiresMs - nowMs < URGENT_MS ? Math.min(waitMs, HOUR_MS) : waitMs;
}
