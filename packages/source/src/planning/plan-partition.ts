import { addDays, datesBetween, eventDateAt, windowOf } from '@traffic-events/slice';
import type {
  EventDate,
  InstantMs,
  PartitionState,
  SliceFailure,
  TailEntry,
  Window,
} from '@traffic-events/slice';

import {
  extendBack,
  firstOpenDate,
  newPartition,
  openDates,
  passClosed,
  startLater,
  tailEntry,
  withWanted,
} from '../state/partition.ts';
import { waitsForProof } from '../state/bundle-record.ts';
import { proofStep } from './proof-step.ts';
import type { ProofStep } from './proof-step.ts';
import { isAtRisk, isPressing } from './patience.ts';
import { heededTryMs } from './retry-schedule.ts';
import type { Refresh, StreamDefinition } from '../streams/stream.ts';
import { REFRESH_MS, sliceTiming, URGENT_MS } from '../streams/timing.ts';
import type { SliceTiming, StreamTiming } from '../streams/timing.ts';

/** A slice that is worth an execution now. */
export interface Candidate {
  readonly stream: StreamDefinition;
  readonly accountId: string;
  readonly eventDate: EventDate;
  readonly window: Window;
  readonly timing: SliceTiming;
  /** Failures in a row so far. */
  readonly attempts: number;
  /** There is a copy of it, whatever is wrong with that. */
  readonly isHeld: boolean;
  /** An execution created now would show everything. */
  readonly wouldSettle: boolean;
  /** Less than 48 hours remain until it begins to expire. */
  readonly urgent: boolean;
  /** It has begun to expire: what can be had is a part. */
  readonly expired: boolean;
  /** Less than 48 hours remain, and there is no complete copy. */
  readonly atRisk: boolean;
  /** It must not be left to the next run. */
  readonly pressing: boolean;
  /** It is asked for by its own query, as a bundle said nothing certain of it. */
  readonly alone: boolean;
}

/** How a slice closes that can no longer be had as it should be. */
export type LostStatus = 'frozen' | 'partial' | 'missed';

/** A slice that closes without a further execution. */
export interface Closing {
  readonly eventDate: EventDate;
  readonly status: 'settled' | LostStatus;
  readonly reason: string;
  /** The copy that it closes on. */
  readonly held: TailEntry;
}

/** A slice that is tried again later. */
export interface WaitingSlice {
  readonly eventDate: EventDate;
  readonly nextTryMs: InstantMs;
  readonly waitsFor: SliceFailure;
  /** It must not be left to the next run. */
  readonly pressing: boolean;
}

/** Event dates, both ends included. */
export interface DateRange {
  readonly from: EventDate;
  readonly to: EventDate;
}

export interface PartitionPlan {
  /** The state that the plan starts from: new, or with another first date where that has moved. */
  readonly partition: PartitionState;
  readonly candidates: readonly Candidate[];
  readonly closings: readonly Closing[];
  /** Open slices without a complete copy of which less than 48 hours remain. */
  readonly atRisk: readonly EventDate[];
  /** Earliest instant at which a failed slice may be tried again; null when none waits. */
  readonly nextTryMs: InstantMs | null;
  /** Slices that are due but for their next try. */
  readonly waiting: readonly WaitingSlice[];
  /** Dates that were already out of reach when the first run began: no misses. */
  readonly beforeStart: DateRange | null;
}

export interface PartitionPlanInput {
  readonly stream: StreamDefinition;
  readonly accountId: string;
  readonly timeZone: string;
  readonly fingerprint: string;
  /** Undefined where the stream and account are new. */
  readonly partition: PartitionState | undefined;
  readonly startDate: EventDate;
  /** Asks only for these dates; a `from` before start_date moves the start for this run. */
  readonly range?: DateRange | undefined;
  /** Whether slices may be asked for together. */
  readonly mayBundle?: boolean | undefined;
  /** API time. */
  readonly nowMs: InstantMs;
  /** When this run began, in API time: what it has already extracted, it asks for only to settle. */
  readonly runStartedMs: InstantMs;
}

/** Decides what is asked for, what closes and what is at risk, for one stream and account. */
export function planPartition(input: PartitionPlanInput): PartitionPlan {
  const { stream, accountId, timeZone, nowMs } = input;
  const reach = firstReachableDate(stream.timing, timeZone, nowMs);
  const partition = alignedPartition(input);
  const inFlight = new Set(partition.in_flight.map((execution) => execution.event_date));
  const plan = {
    candidates: [] as Candidate[],
    closings: [] as Closing[],
    atRisk: [] as EventDate[],
    waiting: [] as WaitingSlice[],
  };
  for (const date of openDates(partition, lastEventDate(timeZone, nowMs))) {
    const entry = tailEntry(partition, date);
    const window = windowOf(date, timeZone);
    const timing = sliceTiming(stream.timing, window);
    if (isAtRisk({ entry, timing, nowMs })) plan.atRisk.push(date);
    if (inFlight.has(date)) continue;
    const step = proofStep(partition, date, timing, nowMs);
    const closing =
      step === 'closes'
        ? provenClosing(date, entry, partition)
        : closingOf(date, entry, timing, nowMs);
    const due = { ...input, refresh: stream.refresh, window, timing };
    if (closing !== null) plan.closings.push(closing);
    else if (isWanted(date, input) && isDueNow(step, entry, due)) {
      const alone = step === 'alone' || (entry.bundle !== undefined && entry.suspect);
      const slice = { accountId, window, timing, alone };
      const nextTryMs = heededTryMs(entry.next_try, timing, nowMs);
      if (nextTryMs > nowMs)
        plan.waiting.push(waitingOf(date, nextTryMs, entry, { nowMs, timing }));
      else plan.candidates.push(candidateOf(input, date, entry, slice));
    }
  }
  const nextTryMs = earliestOf(plan.waiting);
  return { partition, ...plan, nextTryMs, beforeStart: beforeStartOf(input, reach, partition) };
}

/** A copy that waits for a proof is asked for again only where none is to come. */
function isDueNow(step: ProofStep, entry: TailEntry, input: DueInput): boolean {
  if (step === 'alone') return true;
  return step === 'waits' && input.mayBundle === true ? false : isDue(entry, input);
}

function waitingOf(
  eventDate: EventDate,
  nextTryMs: InstantMs,
  entry: TailEntry,
  { timing, nowMs }: { readonly timing: SliceTiming; readonly nowMs: InstantMs },
): WaitingSlice {
  const pressing = isPressing({ entry, timing, nowMs });
  return { eventDate, nextTryMs, waitsFor: entry.last_failure ?? 'failure', pressing };
}

function earliestOf(waiting: readonly WaitingSlice[]): InstantMs | null {
  if (waiting.length === 0) return null;
  return Math.min(...waiting.map(({ nextTryMs }) => nextTryMs));
}

/** The first date of which a complete copy can still be had. */
export function firstReachableDate(
  timing: StreamTiming,
  timeZone: string,
  nowMs: InstantMs,
): EventDate {
  const date = eventDateAt(nowMs - timing.retentionMs, timeZone);
  return sliceTiming(timing, windowOf(date, timeZone)).expiresMs > nowMs ? date : addDays(date, 1);
}

/** Yesterday, as the account's zone has it: the last date whose window is over. */
export function lastEventDate(timeZone: string, nowMs: InstantMs): EventDate {
  return addDays(eventDateAt(nowMs, timeZone), -1);
}

/** Whether a run asks for a date; with a range it asks for no others. */
export function isWanted(date: EventDate, { range }: Pick<PartitionPlanInput, 'range'>): boolean {
  return range === undefined || (range.from <= date && date <= range.to);
}

/** A new partition, or the given one with its first date where start_date now wants it. */
export function alignedPartition(input: Omit<PartitionPlanInput, 'runStartedMs'>): PartitionState {
  const { range, timeZone, nowMs, stream } = input;
  const reach = firstReachableDate(stream.timing, timeZone, nowMs);
  const first = latest(reach, stream.timing.firstDate ?? reach);
  const partition = startedAt(input, latest(input.startDate, first));
  if (range === undefined) return partition;
  const before = earliest(addDays(partition.since, -1), lastEventDate(timeZone, nowMs));
  return withWanted(partition, datesBetween(latest(range.from, first), earliest(range.to, before)));
}

function startedAt(
  input: Omit<PartitionPlanInput, 'runStartedMs'>,
  since: EventDate,
): PartitionState {
  const { fingerprint, range, startDate } = input;
  if (input.partition === undefined) return newPartition(fingerprint, since);
  const partition = passClosed(input.partition);
  if (since < partition.since) return extendBack(partition, since);
  const isLater = range === undefined && startDate > firstOpenDate(partition);
  return isLater ? startLater(partition, startDate) : partition;
}

function latest(a: EventDate, b: EventDate): EventDate {
  return a > b ? a : b;
}

function earliest(a: EventDate, b: EventDate): EventDate {
  return a < b ? a : b;
}

/** What is wanted and was out of reach before it could first be asked for. */
function beforeStartOf(
  { startDate, range }: PartitionPlanInput,
  reach: EventDate,
  { since }: PartitionState,
): DateRange | null {
  const isBackfill = range !== undefined && range.from < startDate;
  const from = isBackfill ? range.from : startDate;
  const last = addDays(since, -1);
  const to = isBackfill ? earliest(earliest(addDays(reach, -1), range.to), last) : last;
  return from > to ? null : { from, to };
}

/** Null while a better copy can still be had. */
function closingOf(
  eventDate: EventDate,
  held: TailEntry,
  timing: SliceTiming,
  nowMs: InstantMs,
): Closing | null {
  if (nowMs <= timing.expiresMs) return null;
  if (held.execution_id === null && !held.complete) {
    if (nowMs < timing.goneMs) return null;
    return { eventDate, held, status: 'missed', reason: 'it expired before any copy was made' };
  }
  if (!held.complete) {
    return {
      eventDate,
      held,
      status: 'partial',
      reason: held.doubt ?? 'part of it had expired in the only copy',
    };
  }
  if (held.fingerprint !== undefined || held.execution_id === null) {
    const reason = 'it expired before a better copy was made by the definition that was accepted';
    return { eventDate, held, status: 'frozen', reason };
  }
  const unproven = waitsForProof(held) ? 'no proof of its bundle was made' : undefined;
  const suspicion = held.doubt ?? unproven ?? 'the copy held or the latest result was suspect';
  const reason = held.settled
    ? `it expired, and ${suspicion}`
    : 'it expired before a copy was made in which all events had arrived';
  return { eventDate, held, status: 'frozen', reason };
}

function provenClosing(eventDate: EventDate, held: TailEntry, partition: PartitionState): Closing {
  const provenOn = partition.bundle?.event_date;
  const reason = `the account has shown by ${provenOn} that its bundles are right`;
  return { eventDate, held, status: 'settled', reason };
}

interface DueInput {
  readonly refresh: Refresh;
  readonly stream: StreamDefinition;
  readonly window: Window;
  readonly timing: SliceTiming;
  readonly nowMs: InstantMs;
  readonly runStartedMs: InstantMs;
  readonly mayBundle?: boolean | undefined;
}

function isDue(entry: TailEntry, input: DueInput): boolean {
  const { timing, nowMs } = input;
  const urgent = timing.expiresMs - nowMs < URGENT_MS;
  const wouldSettle = nowMs >= timing.settlesMs;
  if (entry.last_create_time === null) {
    return input.refresh === 'daily' || wouldSettle || urgent;
  }
  const lastMs = Date.parse(entry.last_create_time);
  if (wouldSettle && lastMs < timing.settlesMs) return true;
  if (lastMs >= input.runStartedMs) return false;
  if (urgent) return true;
  return (input.refresh === 'daily' || wouldSettle) && isStale(lastMs, wouldSettle, input);
}

/**
 * After 20 hours; streams that are read again on certain days are stale from such a day on. A slice
 * that is open although it could have settled is suspect, and asked for like any other.
 */
function isStale(lastMs: InstantMs, wouldSettle: boolean, input: DueInput): boolean {
  const { stream, window, nowMs } = input;
  const rereads = stream.timing.rereadsMs;
  if (rereads === undefined || wouldSettle) return nowMs - lastMs >= REFRESH_MS;
  return rereads.some((afterMs) => {
    const dueMs = window.endMs + afterMs;
    return lastMs < dueMs && dueMs <= nowMs;
  });
}

function candidateOf(
  input: PartitionPlanInput,
  eventDate: EventDate,
  entry: TailEntry,
  of: Pick<Candidate, 'accountId' | 'window' | 'timing' | 'alone'>,
): Candidate {
  const remainingMs = of.timing.expiresMs - input.nowMs;
  const standing = { entry, timing: of.timing, nowMs: input.nowMs };
  return {
    ...of,
    stream: input.stream,
    eventDate,
    attempts: entry.attempts,
    isHeld: entry.execution_id !== null,
    wouldSettle: input.nowMs >= of.timing.settlesMs,
    urgent: remainingMs < URGENT_MS,
    expired: remainingMs <= 0,
    atRisk: isAtRisk(standing),
    pressing: isPressing(standing),
  };
}
