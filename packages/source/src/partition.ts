import { addDays, datesBetween } from '@traffic-events/slice';
import type {
  Copy,
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

const UNTOUCHED: TailEntry = {
  status: 'open',
  execution_id: null,
  create_time: null,
  row_count: null,
  main_sum: null,
  complete: false,
  settled: false,
  suspect: false,
  last_create_time: null,
  attempts: 0,
  next_try: null,
};

export function newPartition(fingerprint: string, since: EventDate): PartitionState {
  return { fingerprint, since, bookmark: null, tail: {}, in_flight: [] };
}

/** The first date that the bookmark has not passed. */
export function firstOpenDate(partition: PartitionState): EventDate {
  return partition.bookmark === null ? partition.since : addDays(partition.bookmark, 1);
}

export function tailEntry(partition: PartitionState, date: EventDate): TailEntry {
  return partition.tail[date] ?? UNTOUCHED;
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
    rowCount: entry.row_count ?? 0,
    mainSum: entry.main_sum,
    fingerprint: entry.fingerprint ?? partition.fingerprint,
  };
}

/** Moves the first date to an earlier one; what was closed stays so, date by date, in the tail. */
export function extendBack(partition: PartitionState, since: EventDate): PartitionState {
  const closed = closedEntries(partition, partition.since);
  return { ...partition, since, bookmark: null, tail: { ...closed, ...partition.tail } };
}

/** Opens a slice again whose newest copy turned out to be suspect beside a better one. */
export function withReopened(
  partition: PartitionState,
  date: EventDate,
  suspect: Copy,
): PartitionState {
  const { bookmark, since } = partition;
  const isPassed = bookmark !== null && date <= bookmark;
  const before = isPassed ? addDays(date, -1) : bookmark;
  const closed = isPassed ? closedEntries(partition, date) : {};
  const entry: TailEntry = {
    ...tailEntry(partition, date),
    ...copyFields(partition, { ...suspect, suspect: true }),
    status: 'open',
    last_create_time: toIso(suspect.createTimeMs),
  };
  return laidOut({
    ...partition,
    bookmark: before !== null && before >= since ? before : null,
    tail: { ...closed, ...partition.tail, [date]: entry },
  });
}

/** The closed dates from `from` to the bookmark, as entries of a tail that begins earlier. */
function closedEntries(
  { bookmark }: PartitionState,
  from: EventDate,
): Record<EventDate, TailEntry> {
  const dates = bookmark === null ? [] : [...datesBetween(from, bookmark)];
  return Object.fromEntries(dates.map((date) => [date, { ...UNTOUCHED, status: 'settled' }]));
}

/** Forgets every date before `since`, which is later than the partition's own and not yet passed. */
export function startLater(partition: PartitionState, since: EventDate): PartitionState {
  return passClosed({ ...partition, since, bookmark: null });
}

export function withCreated(
  partition: PartitionState,
  execution: InFlightExecution,
): PartitionState {
  return { ...partition, in_flight: [...partition.in_flight, execution] };
}

export interface Delivery {
  readonly eventDate: EventDate;
  readonly copy: Copy;
  /** Whether it replaced the copy held. */
  readonly applied: boolean;
  readonly status: SliceStatus;
}

export function withDelivered(partition: PartitionState, delivery: Delivery): PartitionState {
  const { copy, eventDate } = delivery;
  const before = tailEntry(partition, eventDate);
  const held = delivery.applied ? { ...before, ...copyFields(partition, copy) } : before;
  return settleDown(partition, copy.executionId, eventDate, {
    ...held,
    status: delivery.status,
    last_create_time: toIso(copy.createTimeMs),
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
  };
}

export interface Failure {
  readonly eventDate: EventDate;
  /** Null when the execution was never created. */
  readonly executionId: string | null;
  readonly nextTryMs: InstantMs;
  /** `failure` unless set. */
  readonly kind?: SliceFailure;
}

export function withFailed(partition: PartitionState, failure: Failure): PartitionState {
  const before = tailEntry(partition, failure.eventDate);
  return settleDown(partition, failure.executionId, failure.eventDate, {
    ...before,
    attempts: before.attempts + 1,
    next_try: toIso(failure.nextTryMs),
    last_failure: failure.kind ?? 'failure',
  });
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
function passClosed(partition: PartitionState): PartitionState {
  const tail: Record<EventDate, TailEntry> = { ...partition.tail };
  let { bookmark } = partition;
  for (let date = firstOpenDate(partition); isClosed(tail[date]); date = addDays(date, 1)) {
    delete tail[date];
    bookmark = date;
  }
  return laidOut({ ...partition, bookmark, tail });
}

function isClosed(entry: TailEntry | undefined): boolean {
  return entry !== undefined && entry.status !== 'open';
}

/** The tail in the order of dates, without dates that the bookmark or `since` leave behind. */
function laidOut(partition: PartitionState): PartitionState {
  const first = firstOpenDate(partition);
  const later = Object.entries(partition.tail).filter(([date]) => date >= first);
  return { ...partition, tail: Object.fromEntries(later.sort(([a], [b]) => (a < b ? -1 : 1))) };
}
