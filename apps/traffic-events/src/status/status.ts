import type { BundleProof, EventDate, InstantMs, SliceFailure } from '@traffic-events/slice';
import { openDates } from '@traffic-events/source';
import type { PartitionStatus } from '@traffic-events/warehouse';
import { textTable } from '../text-table.ts';
import { yesterdayOf } from './calendar.ts';
import type { TextColumn } from '../text-table.ts';

/** A slice that failed and waits for its next try. */
export interface RetryStatus {
  readonly event_date: EventDate;
  /** Failures in a row. */
  readonly attempts: number;
  /** Not tried again before; ISO 8601, UTC. */
  readonly next_try: string;
  readonly waits_for: SliceFailure;
  /** What the service, or the reading of its result, said last; null where the ledger has nothing. */
  readonly reason: string | null;
}

/** Whether a stream is asked for together with others. */
export interface BundleStatus {
  readonly proof: BundleProof;
  /** ISO 8601, UTC. */
  readonly since: string;
  /** The date that was compared. */
  readonly event_date: EventDate | null;
  readonly reason: string | null;
}

/** How one stream of one account stands, as `status --json` prints it. */
export interface StreamStatus {
  readonly stream: string;
  readonly account_id: string;
  /** Every date from `since` to `bookmark` is closed. */
  readonly since: EventDate;
  readonly bookmark: EventDate | null;
  /** Dates up to yesterday of which a better copy can still be had, or none has been made yet. */
  readonly open_dates: readonly EventDate[];
  /** Dates that closed without any copy; they are gone for ever. */
  readonly missed_dates: readonly EventDate[];
  readonly retries: readonly RetryStatus[];
  /** Executions whose result has not been loaded yet. */
  readonly in_flight: number;
  /** What the account has shown of bundles; null while it was asked for none. */
  readonly bundle: BundleStatus | null;
  readonly last_run: { readonly id: string; readonly saved_at: string };
}

export function streamStatus(partition: PartitionStatus, nowMs: InstantMs): StreamStatus {
  const { stream, accountId, state, runId, savedAt, missedDates } = partition;
  return {
    stream,
    account_id: accountId,
    since: state.since,
    bookmark: state.bookmark,
    open_dates: openDates(state, yesterdayOf(accountId, nowMs)),
    missed_dates: missedDates,
    retries: retriesOf(partition),
    in_flight: state.in_flight.length,
    bundle: bundleStatus(state),
    last_run: { id: runId, saved_at: savedAt.toISOString() },
  };
}

function bundleStatus({ bundle }: PartitionStatus['state']): BundleStatus | null {
  if (bundle === undefined) return null;
  const { proof, at, event_date, reason = null } = bundle;
  return { proof, since: at, event_date, reason };
}

function retriesOf({ state, failures }: PartitionStatus): RetryStatus[] {
  return Object.entries(state.tail).flatMap(([date, entry]) => {
    const { attempts, next_try, last_failure: waits_for = 'failure' } = entry;
    if (next_try === null) return [];
    const last = failures.findLast(({ event_date }) => event_date === date);
    return [{ event_date: date, attempts, next_try, waits_for, reason: last?.reason ?? null }];
  });
}

const COLUMNS: readonly TextColumn[] = [
  { head: 'stream' },
  { head: 'until' },
  { head: 'open', isNumber: true },
  { head: 'missed', isNumber: true },
  { head: 'retries', isNumber: true },
  { head: 'last result', isNumber: true },
];

/** What a table says of a stream; `last_success` is when a result was entered last. */
export type TabledStatus = StreamStatus & { readonly last_success: string | null };

/** For people: a table for each account, and below them what needs attention. */
export function statusTable(
  statuses: readonly TabledStatus[],
  nowMs: InstantMs,
  width = Infinity,
): string {
  if (statuses.length === 0) return 'Nothing has been loaded yet. Run traffic-events sync.';
  const accounts = [...Map.groupBy(statuses, ({ account_id: id }) => id).values()];
  const tables = accounts.flatMap((streams) => [...accountTable(streams, nowMs, width), '']);
  const notes = accounts.flatMap((streams) => [
    ...bundleNotes(streams),
    ...streams.flatMap((each) => attention(each, streams)),
  ]);
  return [...tables, ...notes].join('\n').trimEnd();
}

function accountTable(streams: readonly TabledStatus[], nowMs: InstantMs, width: number): string[] {
  const rows = streams.map((status) => [
    status.stream,
    status.bookmark ?? 'none yet',
    String(status.open_dates.length),
    String(status.missed_dates.length),
    String(status.retries.length),
    status.last_success === null
      ? 'none yet'
      : age(Math.max(0, nowMs - Date.parse(status.last_success))),
  ]);
  return [
    `${streams[0]?.account_id}, last run ${lastRunOf(streams)}`,
    ...textTable(COLUMNS, rows, width),
  ];
}

function lastRunOf(streams: readonly StreamStatus[]): string {
  return streams.map(({ last_run: run }) => run.saved_at).reduce((a, b) => (a > b ? a : b));
}

const OF_PROOF: Readonly<Record<BundleProof, string>> = {
  good: 'asked for by one query a date, shown to be right',
  open: 'asked for by one query a date, which is still to be shown to be right',
  equal: 'asked for by one query a date, which is still to be shown to be right',
  refused: 'asked for alone, since bundles gave less',
  empty: 'asked for alone, as there were no rows to compare',
  overlap: 'asked for alone, as too many workflows ran over the same data',
};

/** A line for each way in which streams of an account are asked for together, or are not. */
function bundleNotes(streams: readonly StreamStatus[]): string[] {
  const known = streams.flatMap(({ stream, bundle }) =>
    bundle === null ? [] : [{ stream, bundle }],
  );
  const alike = Map.groupBy(known, ({ bundle: { proof, event_date, reason } }) =>
    [
      OF_PROOF[proof],
      event_date === null ? '' : ` by ${event_date}`,
      reason ? `: ${reason}` : '',
    ].join(''),
  );
  return [...alike].map(
    ([said, of]) =>
      `${streams[0]?.account_id} ${of.map(({ stream }) => stream).join(', ')}: ${said}`,
  );
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** `5 min ago`, `6 h ago`, `3 d ago`. */
function age(ms: number): string {
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min ago`;
  if (ms < 2 * DAY_MS) return `${Math.floor(ms / HOUR_MS)} h ago`;
  return `${Math.floor(ms / DAY_MS)} d ago`;
}

function attention(status: StreamStatus, ofAccount: readonly StreamStatus[]): string[] {
  const { stream, account_id, missed_dates, retries, in_flight: inFlight, last_run: run } = status;
  const name = `${stream} ${account_id}`;
  const isBehind = Date.parse(lastRunOf(ofAccount)) - Date.parse(run.saved_at) >= DAY_MS;
  return [
    ...(missed_dates.length === 0 ? [] : [`${name}: lost ${missed_dates.join(', ')}`]),
    ...(inFlight === 0 ? [] : [`${name}: ${inFlight} executions in flight`]),
    ...(isBehind ? [`${name}: not asked for since ${run.saved_at}`] : []),
    ...retries.map(
      ({ event_date, attempts, next_try, waits_for, reason }) =>
        `${name} ${event_date}: waits until ${next_try} after ${attempts} ${waits_for === 'overlap' ? 'refusals, because too many workflows ran over the same data' : 'failures'}${reason === null ? '' : `: ${reason}`}`,
    ),
  ];
}
