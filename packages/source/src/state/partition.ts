import {
  addDays,
  datesBetween,
  joinSpans,
  spanAt,
  spansOf,
  UNTOUCHED_ENTRY,
  withoutSpan,
} from '@traffic-events/slice';
import type {
  Copy,
  DateSpan,
  EventDate,
  InFlightExecution,
  InstantMs,
  PartitionState,
  SliceFailure,
  SliceStatus,
  TailEntry,
} from '@traffic-events/slice';

/** ISO 8601, UTC, as states and ledger rows carry instants. */
export function toIso(instantMs: InstantMs): string {
  return new Date(instantMs).toISOString();
}

/** A date that had closed by a former definition: a whole copy is held, and no more is known of it. */
export const HELD_OF_FORMER: TailEntry = { ...UNTOUCHED_ENTRY, complete: true };

export function newPartition(fingerprint: string, since: EventDate): PartitionState {
  return { fingerprint, since, bookmark: null, tail: {}, in_flight: [] };
}

/** The first date that the bookmark has not passed. */
export function firstOpenDate(partition: PartitionState): EventDate {
  return partition.bookmark === null ? partition.since : addDays(partition.bookmark, 1);
}

export function tailEntry(partition: PartitionState | undefined, date: EventDate): TailEntry {
  return partition?.tail[date] ?? UNTOUCHED_ENTRY;
}

/** The copy that the state says is held; undefined while there is none. */
export function heldCopy(partition: PartitionState, date: EventDate): Copy | undefined {
  const entry = tailEntry(partition, date);
  if (entry.execution_id === null || entry.create_time === null) return undefined;
  return {
    executionId: entry.execution_id,
    createTimeMs: Date.parse(entry.create_time),
    complete: entry.complete,
    settled: entry.settled,
    suspect: entry.suspect,
    doubt: entry.doubt,
    rowCount: entry.row_count,
    mainSum: entry.main_sum,
    fingerprint: entry.fingerprint ?? partition.fingerprint,
  };
}

/** Moves the first date to an earlier one; what was closed stays so. */
export function extendBack(partition: PartitionState, since: EventDate): PartitionState {
  return passClosed({ ...partition, since, bookmark: null, closed: closedSpans(partition) });
}

/**
 * Moves the first date to a later one, beyond the bookmark. Dates before it that were never asked
 * for are wanted no more; what is open stays open, and what was closed stays so.
 */
export function startLater(partition: PartitionState, since: EventDate): PartitionState {
  return passClosed({ ...partition, since, bookmark: null, closed: closedSpans(partition) });
}

/** Wants dates before `since` as well, until they close. */
export function withWanted(partition: PartitionState, dates: Iterable<EventDate>): PartitionState {
  const wanted = [...dates].filter((date) => isNew(partition, date));
  if (wanted.length === 0) return partition;
  const entries = wanted.map((date): [EventDate, TailEntry] => [date, UNTOUCHED_ENTRY]);
  return laidOut({ ...partition, tail: { ...Object.fromEntries(entries), ...partition.tail } });
}

function isNew(partition: PartitionState, date: EventDate): boolean {
  return date < partition.since && partition.tail[date] === undefined && !isClosed(partition, date);
}

/** What a sink has said of the copy that it holds on to. */
export interface KeptCopy {
  readonly eventDate: EventDate;
  readonly held: Copy;
  /** The copy that it did not take. */
  readonly refused: Copy;
  readonly status: SliceStatus;
}

/** The copy that is held is another one than the state knew: what is said of the slice is said of it. */
export function withKept(partition: PartitionState, kept: KeptCopy): PartitionState {
  const { eventDate, held, refused, status } = kept;
  const open = withoutClosed(partition, [eventDate, eventDate]);
  const entry: TailEntry = {
    ...tailEntry(open, eventDate),
    ...copyFields(partition, held),
    status,
    last_create_time: toIso(refused.createTimeMs),
    last_execution_id: refused.executionId,
  };
  return passClosed({ ...open, tail: { ...open.tail, [eventDate]: entry } });
}

/** Nothing of the span is closed any more; the bookmark falls back where it had passed it. */
export function withoutClosed(partition: PartitionState, span: DateSpan): PartitionState {
  const { bookmark, since } = partition;
  const [from, to] = span;
  const falls = bookmark !== null && from <= bookmark && since <= to;
  const closed = withoutSpan(falls ? closedSpans(partition) : (partition.closed ?? []), span);
  return passClosed({ ...partition, closed, bookmark: falls ? null : bookmark });
}

/** Everything that is closed, the bookmark's part included. */
export function closedSpans(partition: PartitionState): DateSpan[] {
  const { since, bookmark, closed = [], tail } = partition;
  const passed: DateSpan[] = bookmark === null ? [] : [[since, bookmark]];
  const entries = Object.entries(tail).filter(([, { status }]) => status !== 'open');
  return joinSpans([...passed, ...closed, ...spansOf(entries.map(([date]) => date))]);
}

/** Whether no better copy of a date can be had. */
export function isClosed(partition: PartitionState, date: EventDate): boolean {
  return spanAt(closedSpans(partition), date) !== undefined;
}

/** Whether a date is wanted and not closed. */
export function isOpen(partition: PartitionState, date: EventDate): boolean {
  const isWanted = date >= partition.since || partition.tail[date] !== undefined;
  return isWanted && !isClosed(partition, date);
}

/** Every open date up to `last`, earliest first. */
export function openDates(partition: PartitionState, last: EventDate): EventDate[] {
  const closed = closedSpans(partition);
  const before = Object.keys(partition.tail).filter((date) => date < partition.since);
  const dates = [...before.sort(), ...datesBetween(firstOpenDate(partition), last)];
  return dates.filter((date) => spanAt(closed, date) === undefined);
}

export function withCreated(
  partition: PartitionState,
  execution: InFlightExecution,
): PartitionState {
  return { ...partition, in_flight: [...partition.in_flight, execution] };
}

export interface DeliveredCopy {
  readonly eventDate: EventDate;
  readonly copy: Copy;
  /** Whether it replaced the copy held. */
  readonly applied: boolean;
  readonly status: SliceStatus;
}

export function withDelivered(partition: PartitionState, delivery: DeliveredCopy): PartitionState {
  const { copy, eventDate } = delivery;
  const before = tailEntry(partition, eventDate);
  const held = delivery.applied ? { ...before, ...copyFields(partition, copy) } : before;
  return settleDown(partition, copy.executionId, eventDate, {
    ...held,
    status: delivery.status,
    last_create_time: toIso(copy.createTimeMs),
    last_execution_id: delivery.applied ? undefined : copy.executionId,
    failed_create_time: undefined,
    attempts: 0,
    next_try: null,
    last_failure: undefined,
  });
}

/** A tail entry names a fingerprint only where its copy is of another definition than the rest. */
function copyFields({ fingerprint }: PartitionState, copy: Copy) {
  const isOther = copy.fingerprint !== undefined && copy.fingerprint !== fingerprint;
  return {
    fingerprint: isOther ? copy.fingerprint : undefined,
    execution_id: copy.executionId,
    create_time: toIso(copy.createTimeMs),
    row_count: copy.rowCount,
    main_sum: copy.mainSum,
    complete: copy.complete,
    settled: copy.settled,
    suspect: copy.suspect,
    doubt: copy.doubt,
    // Of a copy that more may arrive to, it is never asked.
    bundle: copy.settled || copy.suspect ? copy.bundle : undefined,
  };
}

export interface FailedAttempt {
  readonly eventDate: EventDate;
  /** Null when the execution was never created. */
  readonly executionId: string | null;
  /** Of that execution, ISO 8601, UTC; null where it is none, or is not given up. */
  readonly createTime: string | null;
  readonly nextTryMs: InstantMs;
  /** `failure` unless set. */
  readonly kind?: SliceFailure;
}

export function withFailed(partition: PartitionState, failure: FailedAttempt): PartitionState {
  const before = tailEntry(partition, failure.eventDate);
  return settleDown(partition, failure.executionId, failure.eventDate, {
    ...before,
    last_execution_id: failure.executionId ?? before.last_execution_id,
    failed_create_time: laterOf(failure.createTime, before.failed_create_time),
    attempts: before.attempts + 1,
    next_try: toIso(failure.nextTryMs),
    last_failure: failure.kind ?? 'failure',
  });
}

function laterOf(a: string | null, b: string | undefined): string | undefined {
  if (a === null || b === undefined) return a ?? b;
  return Date.parse(a) > Date.parse(b) ? a : b;
}

/** Drops an execution that cannot be adopted: the API does not know it, or its time is over. */
export function withForgotten(partition: PartitionState, executionId: string): PartitionState {
  return { ...partition, in_flight: without(partition.in_flight, executionId) };
}

export function withClosed(
  partition: PartitionState,
  date: EventDate,
  status: SliceStatus,
): PartitionState {
  return settleDown(partition, null, date, { ...tailEntry(partition, date), status });
}

function settleDown(
  partition: PartitionState,
  executionId: string | null,
  date: EventDate,
  entry: TailEntry,
): PartitionState {
  return passClosed({
    ...partition,
    tail: { ...partition.tail, [date]: entry },
    in_flight: without(partition.in_flight, executionId),
  });
}

function without(executions: readonly InFlightExecution[], executionId: string | null) {
  return executions.filter((execution) => execution.execution_id !== executionId);
}

/** The bookmark passes closed slices of every kind, so that a hole never holds it back. */
export function passClosed(partition: PartitionState): PartitionState {
  const span = spanAt(closedSpans(partition), firstOpenDate(partition));
  return laidOut(span === undefined ? partition : { ...partition, bookmark: span[1] });
}

/** The tail in the order of dates, and without those that are closed, which become spans. */
function laidOut(partition: PartitionState): PartitionState {
  const { bookmark, since } = partition;
  const all = closedSpans(partition);
  const closed = bookmark === null ? all : withoutSpan(all, [since, bookmark]);
  const open = Object.entries(partition.tail).filter(([date]) => spanAt(all, date) === undefined);
  return {
    ...partition,
    closed: closed.length === 0 ? undefined : closed,
    tail: Object.fromEntries(open.sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}
