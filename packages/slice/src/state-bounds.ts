import { addDays, eventDateAt, isEventDate } from './event-date.ts';
import type { EventDate, InstantMs } from './event-date.ts';
import type {
  BundleAnswer,
  BundleLimit,
  BundleRecord,
  InFlightExecution,
  PartitionState,
  TailEntry,
} from './state.ts';

/** More than any account can have open, or have had closed one by one, in a state of old. */
const MAX_TAIL_DATES = 2000;
const MAX_SPANS = 2000;
const MAX_RENAMED = 1000;
/** Executions of an account live for a day; five of them are active at a time. */
const MAX_IN_FLIGHT = 1000;
/** Metrics of a stream. */
const MAX_SUMS = 100;
/** Streams in one query. */
const MAX_MEMBERS = 1000;
const MAX_TEXT = 1000;
const MAX_ATTEMPTS = 1_000_000;

/** No data source is older. */
const FIRST_DATE: EventDate = '2000-01-01';
/** Where the time is not known. */
const LAST_DATE: EventDate = '2099-12-31';
/** Waits and expiries lie ahead, but never further. */
const AHEAD_DAYS = 400;

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/;
const DECIMAL = /^-?\d+(\.\d+)?$/;

/** A fault: where it is, its value, and what would be right; undefined where there is none. */
type Fault = string | undefined;

/**
 * What is wrong with the state of a stream and account that came from outside, in one line; undefined
 * where nothing is. Without a bound a date of the year 9999 would be counted up to, day by day.
 * `nowMs`, API time: nothing can have been extracted of a date after tomorrow, wherever it is.
 */
export function partitionFault(state: PartitionState, nowMs?: InstantMs): Fault {
  const bounds = new Bounds(nowMs);
  const { since, bookmark, closed = [], tail, in_flight: inFlight, renamed = {} } = state;
  return first([
    () => bounds.text('fingerprint', state.fingerprint),
    () => bounds.start(since),
    () => (bookmark === null ? undefined : bounds.date('bookmark', bookmark)),
    () =>
      bookmark !== null && bookmark < since
        ? `bookmark: ${bookmark} is before since, ${since}`
        : undefined,
    () => count('renamed', Object.keys(renamed).length, MAX_RENAMED),
    ...Object.entries(renamed)
      .flat()
      .map((text) => () => bounds.text('renamed', text)),
    () => count('closed', closed.length, MAX_SPANS),
    ...closed.map((span) => () => bounds.span(span)),
    () => count('tail', Object.keys(tail).length, MAX_TAIL_DATES),
    ...Object.entries(tail).map(
      ([date, entry]) =>
        () =>
          bounds.entry(date, entry),
    ),
    () => count('in_flight', inFlight.length, MAX_IN_FLIGHT),
    () => bounds.bundle(state.bundle),
    () => bounds.bundleLimit(state.bundle_limit),
    ...inFlight.map((execution, at) => () => bounds.execution(`in_flight[${at}]`, execution)),
  ]);
}

/**
 * What is wrong with a date, named by `where`, of which something is to be had; undefined where
 * nothing is: no source is older than 2000, and nothing comes after tomorrow.
 */
export function dateFault(where: string, date: string, nowMs: InstantMs): string | undefined {
  return new Bounds(nowMs).date(where, date);
}

function first(checks: readonly (() => Fault)[]): Fault {
  for (const check of checks) {
    const fault = check();
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function count(where: string, length: number, most: number): Fault {
  return length <= most ? undefined : `${where}: ${length} entries, of ${most} at most`;
}

class Bounds {
  readonly #last: EventDate;
  readonly #lastAhead: EventDate;

  constructor(nowMs: InstantMs | undefined) {
    const today = nowMs === undefined ? undefined : eventDateAt(nowMs);
    this.#last = today === undefined ? LAST_DATE : addDays(today, 1);
    this.#lastAhead = today === undefined ? LAST_DATE : addDays(today, AHEAD_DAYS);
  }

  date(where: string, date: string, last = this.#last): Fault {
    if (!isEventDate(date)) return `${where}: ${quoted(date)} is no date such as 2026-01-31`;
    if (date < FIRST_DATE) return `${where}: ${date} is before ${FIRST_DATE}`;
    return date > last ? `${where}: ${date} is after ${last}` : undefined;
  }

  /** A start_date may lie ahead. */
  start(since: string): Fault {
    return this.date('since', since, this.#lastAhead);
  }

  span([from, to]: readonly [EventDate, EventDate]): Fault {
    return first([
      () => this.date('closed', from),
      () => this.date('closed', to),
      () => (to < from ? `closed: ${from} to ${to} runs backwards` : undefined),
    ]);
  }

  text(where: string, text: string): Fault {
    return text.length <= MAX_TEXT
      ? undefined
      : `${where}: ${text.length} characters, of ${MAX_TEXT} at most`;
  }

  entry(date: string, entry: TailEntry): Fault {
    const where = `tail.${quoted(date)}`;
    const { row_count: rows, attempts, main_sum: sum } = entry;
    return first([
      () => this.date('tail', date),
      () => this.text(`${where}.execution_id`, entry.execution_id ?? ''),
      () => this.text(`${where}.doubt`, entry.doubt ?? ''),
      () => this.text(`${where}.last_execution_id`, entry.last_execution_id ?? ''),
      () => this.text(`${where}.bundle`, entry.bundle ?? ''),
      () => this.#decimal(`${where}.main_sum`, sum),
      () => whole(`${where}.row_count`, rows ?? 0, [0, Number.MAX_SAFE_INTEGER]),
      () => whole(`${where}.attempts`, attempts, [0, MAX_ATTEMPTS]),
      () => this.#instant(`${where}.create_time`, entry.create_time),
      () => this.#instant(`${where}.last_create_time`, entry.last_create_time),
      () => this.#instant(`${where}.failed_create_time`, entry.failed_create_time ?? null),
      () => this.#instant(`${where}.next_try`, entry.next_try, this.#lastAhead),
    ]);
  }

  bundle(record: BundleRecord | undefined): Fault {
    if (record === undefined) return undefined;
    const { answer, event_date: date } = record;
    return first([
      () => this.text('bundle.shape', record.shape),
      () => this.text('bundle.reason', record.reason ?? ''),
      () => this.#instant('bundle.at', record.at),
      () => (date === null ? undefined : this.date('bundle.event_date', date)),
      () => (answer === undefined ? undefined : this.#answer('bundle.answer', answer)),
    ]);
  }

  #answer(where: string, { event_date: date, execution_id: id, ...answer }: BundleAnswer): Fault {
    const sums = Object.entries(answer.sums);
    return first([
      () => this.date(`${where}.event_date`, date),
      () => this.text(`${where}.execution_id`, id),
      () => whole(`${where}.row_count`, answer.row_count, [0, Number.MAX_SAFE_INTEGER]),
      () => count(`${where}.sums`, sums.length, MAX_SUMS),
      ...sums.map(
        ([metric, sum]) =>
          () =>
            this.#decimal(`${where}.sums.${quoted(metric)}`, sum),
      ),
    ]);
  }

  bundleLimit(limit: BundleLimit | undefined): Fault {
    if (limit === undefined) return undefined;
    return first([
      () => whole('bundle_limit.members', limit.members, [1, MAX_MEMBERS]),
      () => this.#instant('bundle_limit.at', limit.at),
    ]);
  }

  execution(where: string, execution: InFlightExecution): Fault {
    return first([
      () => this.date(`${where}.event_date`, execution.event_date),
      () => this.text(`${where}.execution_id`, execution.execution_id),
      () => this.text(`${where}.workflow_id`, execution.workflow_id),
      () => this.text(`${where}.bundle`, execution.bundle ?? ''),
      () => this.#instant(`${where}.create_time`, execution.create_time),
      () => this.#instant(`${where}.expire_time`, execution.expire_time, this.#lastAhead),
    ]);
  }

  #decimal(where: string, value: string | null): Fault {
    if (value === null || DECIMAL.test(value)) return this.text(where, value ?? '');
    return `${where}: ${quoted(value)} is no number`;
  }

  #instant(where: string, instant: string | null, last = this.#last): Fault {
    if (instant === null) return undefined;
    if (!INSTANT.test(instant) || Number.isNaN(Date.parse(instant))) {
      return `${where}: ${quoted(instant)} is no instant such as 2026-01-31T06:00:00Z`;
    }
    return this.date(where, eventDateAt(Date.parse(instant)), last);
  }
}

function whole(where: string, value: number, [least, most]: readonly [number, number]): Fault {
  return Number.isInteger(value) && value >= least && value <= most
    ? undefined
    : `${where}: ${value} is no whole number from ${least} to ${most}`;
}

/** Cut: it came from outside. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
