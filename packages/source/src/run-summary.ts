import type { EventDate, SliceKey } from '@traffic-events/slice';

export interface FailedSlice extends SliceKey {
  /** What the service or the client said. */
  readonly reason: string;
}

export interface ClosedSlice extends SliceKey {
  readonly reason: string;
}

export interface BeforeStartRange {
  readonly stream: string;
  readonly accountId: string;
  readonly from: EventDate;
  readonly to: EventDate;
}

/** What a run did, and what it could not. */
export interface RunSummary {
  readonly runId: string;
  /** ISO 8601, UTC, in API time. */
  readonly startedAt: string;
  readonly endedAt: string;
  /** Executions that this run created. */
  readonly created: number;
  /** Executions of an earlier run that this one took over. */
  readonly adopted: number;
  /** Slices delivered, those included that the sink kept a better copy of. */
  readonly loaded: number;
  readonly kept: number;
  /** Slices that were tried and are no better off; each once, with its last reason. */
  readonly failed: readonly FailedSlice[];
  /** Newly closed without a copy, or on a poorer one than could once be had. */
  readonly missed: readonly ClosedSlice[];
  readonly partial: readonly ClosedSlice[];
  readonly frozen: readonly ClosedSlice[];
  /** Without a complete copy although less than 48 hours remain. */
  readonly atRisk: readonly SliceKey[];
  /** Dates that were out of reach before the first run; no misses. */
  readonly beforeStart: readonly BeforeStartRange[];
  /** Accounts that could not be worked on at all. */
  readonly failedAccounts: readonly { readonly accountId: string; readonly reason: string }[];
  /** A signal stopped the run before all was done. */
  readonly interrupted: boolean;
  /** The longest duration of a run passed before all was done. */
  readonly outOfTime: boolean;
}

/** 0 done; 5 some slices failed; 6 a date is at risk or newly missed, which outweighs 5. */
export function exitCodeOf(summary: RunSummary): 0 | 5 | 6 {
  if (summary.missed.length > 0 || summary.partial.length > 0 || summary.atRisk.length > 0)
    return 6;
  return summary.failed.length > 0 || summary.failedAccounts.length > 0 ? 5 : 0;
}
