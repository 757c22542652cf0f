import type { EventDate, InstantMs, Window } from '@traffic-events/slice';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** Below this much time before a slice begins to expire, it is urgent and a failure puts it at risk. */
export const URGENT_MS = 48 * HOUR_MS;

/** A copy younger than this is fresh enough for `refresh: daily`. */
export const REFRESH_MS = 20 * HOUR_MS;

/** How the events of a stream arrive and expire (API.md 1.4). */
export interface StreamTiming {
  /** Longest time from an event to its arrival. */
  readonly arrivalMs: number;
  /** Time from the arrival of an event until it is gone. */
  readonly retentionMs: number;
  /** Times after window end at which what the API says may change; the last one settles. */
  readonly rereadsMs?: readonly number[];
  /** The API has nothing from before this date. */
  readonly firstDate?: EventDate;
}

/** Events arrive within 72 hours and are gone 30 days after they arrived. */
export const EVENT_TIMING: StreamTiming = { arrivalMs: 72 * HOUR_MS, retentionMs: 30 * DAY_MS };

/** The instants that decide about a slice. */
export interface SliceTiming {
  /** An execution created from here on shows everything. */
  readonly settlesMs: InstantMs;
  /** An execution finished up to here shows everything that had arrived; then events expire. */
  readonly expiresMs: InstantMs;
  /** From here on nothing is left. */
  readonly goneMs: InstantMs;
}

export function sliceTiming(timing: StreamTiming, window: Window): SliceTiming {
  return {
    settlesMs: window.endMs + (timing.rereadsMs?.at(-1) ?? timing.arrivalMs),
    expiresMs: window.startMs + timing.retentionMs,
    goneMs: window.endMs + timing.arrivalMs + timing.retentionMs,
  };
}
