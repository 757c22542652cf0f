import type { EventDate, InstantMs } from '@traffic-events/slice';
import { openStandings } from '@traffic-events/source';
import type { OpenStanding, StreamDefinition } from '@traffic-events/source';
import type { PartitionStatus, StreamCoverage } from '@traffic-events/warehouse';
import { calendarOf, newestWhole } from './calendar.ts';
import type { Calendar } from './calendar.ts';
import { streamStatus } from './status.ts';
import type { StreamStatus } from './status.ts';

/** An open date of which no whole copy can be had soon. */
export interface DateAtRisk {
  readonly event_date: EventDate;
  /** From then on no whole copy can be had; ISO 8601, UTC. */
  readonly lost_at: string;
  /** 0 where it has begun to expire. */
  readonly hours_left: number;
}

/** How one stream of one account stands, date by date. */
export interface StreamReport extends StreamStatus {
  /** Whether the configuration still lists it. */
  readonly is_collected: boolean;
  /** Up to yesterday of the account's clock. */
  readonly calendar: Calendar;
  readonly at_risk: readonly DateAtRisk[];
  /** Those of `missed_dates` that the stream's last run has given up. */
  readonly newly_missed_dates: readonly EventDate[];
  readonly newest_whole_date: EventDate | null;
  /** When the first open date without a whole copy begins to expire; null where all have one. */
  readonly next_loss_at: string | null;
  /** When a result was entered last. */
  readonly last_success: string | null;
  /** Mean share of the first main metric that is withheld in the newest 28 results, 0 to 1. */
  readonly suppressed_share: number | null;
}

const HOUR_MS = 3_600_000;

/** `definition` is the configuration's; undefined where it no longer lists the stream. */
export function streamReport(
  partition: PartitionStatus,
  coverage: StreamCoverage | undefined,
  definition: StreamDefinition | undefined,
  nowMs: InstantMs,
): StreamReport {
  const isCollected = definition !== undefined;
  const standings = openStandings(partition, nowMs, definition);
  // Of what is collected no more, nobody waits for what is not there.
  const open = standings.filter(({ isComplete }) => isCollected || isComplete);
  const calendar = calendarOf(coverage?.spans ?? [], open);
  const missed = coverage?.missed ?? [];
  return {
    ...streamStatus(partition, nowMs),
    is_collected: isCollected,
    calendar,
    at_risk: open.filter(({ isAtRisk }) => isAtRisk).map((each) => dateAtRisk(each, nowMs)),
    newly_missed_dates: missed
      .filter(({ runId }) => runId === partition.runId)
      .map(({ eventDate }) => eventDate),
    newest_whole_date: newestWhole(calendar),
    next_loss_at: nextLoss(open),
    last_success: coverage?.lastSuccess ?? null,
    suppressed_share: coverage?.suppressedShare ?? null,
  };
}

function dateAtRisk({ eventDate, expiresMs }: OpenStanding, nowMs: InstantMs): DateAtRisk {
  return {
    event_date: eventDate,
    lost_at: new Date(expiresMs).toISOString(),
    hours_left: Math.max(0, Math.floor((expiresMs - nowMs) / HOUR_MS)),
  };
}

function nextLoss(open: readonly OpenStanding[]): string | null {
  const expiries = open.filter(({ isComplete }) => !isComplete).map(({ expiresMs }) => expiresMs);
  return expiries.length === 0 ? null : new Date(Math.min(...expiries)).toISOString();
}
