import type { EventDate, RefusedStream, SliceKey } from '@traffic-events/slice';

export interface FailedSlice extends SliceKey {
  /** What the service or the client said. */
  readonly reason: string;
  /** The service refused the query itself, and would refuse it again. */
  readonly isRefused: boolean;
  /** Failures in a row, those of earlier runs included. */
  readonly attempts: number;
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

/** Why an account could not be worked on to its end: `capacity` is slots that others hold. */
export type AccountFailureCause = 'refused' | 'unreachable' | 'capacity';

export interface FailedAccount {
  readonly accountId: string;
  readonly cause: AccountFailureCause;
  readonly reason: string;
}

/**
 * Why slices were left for a later run: the network (nothing is held against them, a run may ask
 * again at once), the service refused the account, a failure or an overlap refusal whose next try is
 * later, slots that others hold, the executions of the day, the longest duration of the run, or a sink
 * that cannot take their stream.
 */
export type LeftReason =
  | 'network'
  | 'refused'
  | 'failure'
  | 'overlap'
  | 'capacity'
  | 'quota'
  | 'time'
  | 'warehouse';

/** Slices of an account that were due, or had failed before, and were not asked for. */
export interface LeftSlices {
  readonly accountId: string;
  readonly reason: LeftReason;
  readonly slices: number;
  /** Earliest instant at which one of them is tried again, ISO 8601, UTC; null for at once. */
  readonly nextTry: string | null;
}

/** An execution that the run created or took over, and whose result it has not delivered. */
export interface LeftExecution extends SliceKey {
  readonly executionId: string;
  /** Until when its result can be downloaded, ISO 8601, UTC; null where the API does not say. */
  readonly expireTime: string | null;
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
  /** Accounts that could not be worked on, or not to their end. */
  readonly failedAccounts: readonly FailedAccount[];
  /** Streams that the sink cannot take: nothing was asked for of them. */
  readonly refusedStreams: readonly RefusedStream[];
  /** What is left for a later run, by account and reason. */
  readonly leftForLater: readonly LeftSlices[];
  /** Executions that stay in flight; the next run takes them over. */
  readonly inFlight: readonly LeftExecution[];
  /** A signal stopped the run before all was done. */
  readonly interrupted: boolean;
  /** The longest duration of a run passed before all was done. */
  readonly outOfTime: boolean;
}

/** How a run that came to its end stands; a program that ends with it has an exit code for each. */
export type RunOutcome = 'done' | 'slicesFailed' | 'dateAtRisk' | 'service';

/**
 * The first that applies: a date is at risk or newly lost; the service refused an account or a query,
 * or could not be reached; slices failed, wait for a later try or are in flight, or a stream was
 * refused. A run is done also where only the executions of the day were spent.
 */
export function outcomeOf(summary: RunSummary): RunOutcome {
  const { missed, partial, atRisk } = summary;
  if (missed.length > 0 || partial.length > 0 || atRisk.length > 0) return 'dateAtRisk';
  if (isForTheService(summary)) return 'service';
  return isUnfinished(summary) ? 'slicesFailed' : 'done';
}

function isForTheService({ failed, failedAccounts, leftForLater }: RunSummary): boolean {
  return (
    failedAccounts.some(({ cause }) => cause !== 'capacity') ||
    failed.some(({ isRefused }) => isRefused) ||
    leftForLater.some(({ reason }) => reason === 'network' || reason === 'refused')
  );
}

function isUnfinished(summary: RunSummary): boolean {
  const { failed, failedAccounts, refusedStreams, leftForLater, inFlight, outOfTime } = summary;
  return (
    outOfTime ||
    failed.length > 0 ||
    failedAccounts.length > 0 ||
    refusedStreams.length > 0 ||
    inFlight.length > 0 ||
    leftForLater.some(({ reason }) => reason !== 'quota')
  );
}
