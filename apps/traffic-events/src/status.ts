import { addDays, eventDateAt } from '@traffic-events/slice';
import type { EventDate, InstantMs } from '@traffic-events/slice';
import { openDates } from '@traffic-events/source';
import type { PartitionStatus } from '@traffic-events/warehouse/postgres';
import Table from 'cli-table3';

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
  /** Executions whose result has not been loaded yet. */
  readonly in_flight: number;
  readonly last_run: { readonly id: string; readonly saved_at: string };
}

export function streamStatus(partition: PartitionStatus, nowMs: InstantMs): StreamStatus {
  const { stream, accountId, state, runId, savedAt, missedDates } = partition;
  const yesterday = addDays(eventDateAt(nowMs), -1);
  return {
    stream,
    account_id: accountId,
    since: state.since,
    bookmark: state.bookmark,
    open_dates: openDates(state, yesterday),
    missed_dates: missedDates,
    in_flight: state.in_flight.length,
    last_run: { id: runId, saved_at: savedAt.toISOString() },
  };
}

/** A table for people, a row per stream and account. */
export function statusTable(statuses: readonly StreamStatus[]): string {
  if (statuses.length === 0) return 'Nothing has been loaded yet. Run traffic-events sync.';
  const table = new Table({
    head: ['account', 'stream', 'whole since', 'until', 'open', 'missed', 'in flight', 'last run'],
    style: { head: [], border: [] },
  });
  for (const status of statuses) {
    table.push([
      status.account_id,
      status.stream,
      status.since,
      status.bookmark ?? 'none yet',
      status.open_dates.length,
      status.missed_dates.length,
      status.in_flight,
      status.last_run.saved_at,
    ]);
  }
  const missed = statuses.flatMap(({ account_id, stream, missed_dates }) =>
    missed_dates.length === 0 ? [] : [`${stream} ${account_id}: lost ${missed_dates.join(', ')}`],
  );
  return [table.toString(), ...missed].join('\n');
}
