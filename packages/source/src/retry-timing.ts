import type { InstantMs } from '@traffic-events/slice';

import { HOUR_MS, REFRESH_MS } from './timing.ts';

const MINUTE_MS = 60_000;

/** Wait after the first, second, … failure in a row; the last one repeats. */
const RETRY_AFTER_MS = [1 * MINUTE_MS, 5 * MINUTE_MS, 1 * HOUR_MS, 4 * HOUR_MS, 12 * HOUR_MS];

/** A run waits for retries that are due within this time, and leaves the others to the next run. */
export const RETRY_PATIENCE_MS = 10 * MINUTE_MS;

/** How long an API that cannot be reached is waited for, unless a run is told otherwise. */
export const MAX_OUTAGE_MS = 5 * MINUTE_MS;

/** Wait before an API that did not answer `tries` times (from 1) is asked again. */
export function outagePauseMs(tries: number): number {
  return Math.min(5 * MINUTE_MS, 15_000 * 2 ** (tries - 1));
}

/** An execution that could not be followed or read this often in a row is given up. */
export const MAX_RESUMES = 3;

/** When a slice is tried again after its `attempts`-th failure in a row (from 1). */
export function nextTryMs(nowMs: InstantMs, attempts: number, urgent: boolean): InstantMs {
  const last = RETRY_AFTER_MS.length - 1;
  const waitMs = RETRY_AFTER_MS[Math.min(attempts - 1, last)] ?? 0;
  return nowMs + (urgent ? Math.min(waitMs, HOUR_MS) : waitMs);
}

/** After an overlap refusal: not in this run, and not before the next daily one. */
export function afterOverlapMs(nowMs: InstantMs): InstantMs {
  return nowMs + REFRESH_MS;
}
