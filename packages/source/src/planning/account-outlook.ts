import { countExecutions, lookAhead, USUAL_EXECUTION_MS } from './look-ahead.ts';
import type { ExpiringDate, WorkAhead } from './look-ahead.ts';

/** What lies ahead of an account at the beginning of a run. */
export interface AccountOutlook {
  readonly accountId: string;
  /** Executions to be created. */
  readonly executions: number;
  /** Dates that they ask for, by stream. */
  readonly dates: Readonly<Record<string, number>>;
  /** Streams that were never asked for. */
  readonly newStreams: readonly string[];
  /** Executions of earlier runs that are taken over. */
  readonly inFlight: number;
  /** Until the last one has ended, if each takes 15 minutes. */
  readonly usualMs: number;
  /** As long as executions of the last day took; null where there were none. */
  readonly learnedExecutionMs: number | null;
  /** Until the last one has ended, if each takes that long. */
  readonly learnedMs: number | null;
  /** Dates that begin to expire within that time, and of which no copy is held. */
  readonly expiring: readonly ExpiringDate[];
  /** What would help those that are lost; empty where none is, or nothing would. */
  readonly help: readonly Help[];
}

/** A change of the settings, and how many of the dates are lost all the same. */
export interface Help {
  readonly change: 'max_active_executions' | 'max_executions_per_day' | 'settled_only';
  readonly lost: number;
}

export type AccountWork = Omit<WorkAhead, 'executionMs'> & {
  readonly newStreams: readonly string[];
};

const MOST_SLOTS = 5;

export function accountOutlook(
  accountId: string,
  work: AccountWork,
  durationsMs: readonly number[],
): AccountOutlook {
  const learnedExecutionMs = median(durationsMs);
  const usual = lookAhead({ ...work, executionMs: USUAL_EXECUTION_MS });
  const learned =
    learnedExecutionMs === null ? null : lookAhead({ ...work, executionMs: learnedExecutionMs });
  const { expiring } = learned ?? usual;
  const executionMs = learnedExecutionMs ?? USUAL_EXECUTION_MS;
  return {
    accountId,
    executions: countExecutions(work),
    dates: countByStream(work),
    newStreams: work.newStreams,
    inFlight: work.inFlight,
    usualMs: usual.durationMs,
    learnedExecutionMs,
    learnedMs: learned?.durationMs ?? null,
    expiring,
    help: helpFor({ ...work, executionMs }, lostOf(expiring)),
  };
}

function countByStream({ candidates }: AccountWork): Record<string, number> {
  const byStream = Map.groupBy(candidates, ({ stream }) => stream.name);
  return Object.fromEntries([...byStream].map(([stream, of]) => [stream, of.length]));
}

function lostOf(expiring: readonly ExpiringDate[]): number {
  return expiring.filter(({ isLost }) => isLost).length;
}

/** Each change by itself, where it saves a date; what saves most comes first. */
function helpFor(work: WorkAhead, lost: number): Help[] {
  if (lost === 0) return [];
  const changes: Readonly<Record<Help['change'], Partial<WorkAhead>>> = {
    max_active_executions: { slots: MOST_SLOTS },
    max_executions_per_day: { maxExecutionsPerDay: Infinity },
    settled_only: {
      candidates: work.candidates.filter(({ wouldSettle, urgent }) => wouldSettle || urgent),
    },
  };
  return Object.entries(changes)
    .map(([change, other]): Help => ({
      change: change as Help['change'],
      lost: lostOf(lookAhead({ ...work, ...other }).expiring),
    }))
    .filter((help) => help.lost < lost)
    .toSorted((a, b) => a.lost - b.lost);
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}

/** Fields of `run.planned`; dates as STREAM DATE. */
export function outlookFields(outlook: AccountOutlook): Readonly<Record<string, unknown>> {
  const { accountId, executions, dates, newStreams, inFlight } = outlook;
  const { usualMs, learnedMs, expiring } = outlook;
  const lost = expiring.filter(({ isLost }) => isLost);
  return {
    account_id: accountId,
    executions,
    slices: Object.values(dates).reduce((sum, count) => sum + count, 0),
    streams: dates,
    new_streams: newStreams,
    in_flight: inFlight,
    hours_ahead: hours(usualMs),
    hours_learned: learnedMs === null ? null : hours(learnedMs),
    expiring: namesOf(expiring),
    will_be_lost: namesOf(lost),
  };
}

/** As many dates as a line of a log may name. */
const MAX_NAMED = 20;

function namesOf(dates: readonly ExpiringDate[]): string[] {
  const named = dates.slice(0, MAX_NAMED).map(({ stream, eventDate }) => `${stream} ${eventDate}`);
  const rest = dates.length - named.length;
  return rest > 0 ? [...named, `and ${rest} more`] : named;
}

/** To the hundredth. */
function hours(ms: number): number {
  return Math.round(ms / 36_000) / 100;
}
