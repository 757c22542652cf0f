import type { EventDate, InstantMs } from '@traffic-events/slice';

import { orderOf } from './choose.ts';
import type { Lane, Order } from './choose.ts';
import { DailyQuota } from './daily-quota.ts';
import type { Candidate } from './plan-partition.ts';

/** Executions often take 15 minutes (API.md 1.3). */
export const USUAL_EXECUTION_MS = 15 * 60_000;

/** What an account has to do, and how fast it may. */
export interface WorkAhead {
  readonly candidates: readonly Candidate[];
  /** What the query of a candidate asks for, itself included; each by itself unless given. */
  readonly together?: ((candidate: Candidate) => readonly Candidate[]) | undefined;
  /** Executions that hold slots already. */
  readonly inFlight: number;
  readonly slots: number;
  readonly maxExecutionsPerDay: number;
  /** How long an execution takes. */
  readonly executionMs: number;
  /** API time. */
  readonly nowMs: InstantMs;
}

/** A date that begins to expire before the work is done, and of which no copy is held. */
export interface ExpiringDate {
  readonly stream: string;
  readonly eventDate: EventDate;
  readonly expiresMs: InstantMs;
  /** Its execution does not end in time. */
  readonly isLost: boolean;
}

/** How the work goes if every execution succeeds and takes that long. */
export interface Outlook {
  readonly durationMs: number;
  readonly expiring: readonly ExpiringDate[];
}

interface Running {
  readonly lane: Lane;
  readonly endMs: InstantMs;
}

/** Plays the work of an account as a run does it: the same order, the same lanes, the same limits. */
export function lookAhead(work: WorkAhead): Outlook {
  const { candidates, slots, nowMs, executionMs } = work;
  const together = togetherIn(work);
  const queues = new Queues(candidates);
  const quota = new DailyQuota(work.maxExecutionsPerDay, []);
  const ends = new Map<Candidate, InstantMs>();
  let running: Running[] = Array.from({ length: work.inFlight }, () => ({
    lane: 'expiring',
    endMs: nowMs + executionMs,
  }));
  let atMs = nowMs;
  while (ends.size < candidates.length) {
    if (running.length >= slots) {
      atMs = Math.max(atMs, Math.min(...running.map(({ endMs }) => endMs)));
      running = running.filter(({ endMs }) => endMs > atMs);
      continue;
    }
    const createMs = nextCreateMs(quota, atMs);
    if (createMs === undefined) break;
    atMs = createMs;
    const order = orderOf(candidates.length - ends.size, {
      running: running.map(({ lane }) => lane),
      size: slots,
      quotaLeft: quota.left(atMs),
    });
    const candidate = queues.next(order, ends);
    if (candidate === undefined) break;
    quota.spend(atMs);
    running.push({ lane: order.lane, endMs: atMs + executionMs });
    for (const each of together(candidate)) ends.set(each, atMs + executionMs);
  }
  const endMs = Math.max(nowMs, ...running.map((each) => each.endMs), ...ends.values());
  return { durationMs: endMs - nowMs, expiring: expiringOf(ends, nowMs, endMs) };
}

/** Executions that ask for all of the candidates. */
export function countExecutions(work: Pick<WorkAhead, 'candidates' | 'together'>): number {
  const together = togetherIn(work);
  const asked = new Set<Candidate>();
  let executions = 0;
  for (const candidate of work.candidates) {
    if (asked.has(candidate)) continue;
    executions += 1;
    for (const each of together(candidate)) asked.add(each);
  }
  return executions;
}

/** Of the candidates alone that there are. */
function togetherIn({ candidates, together }: Pick<WorkAhead, 'candidates' | 'together'>) {
  const all = new Set(candidates);
  return (candidate: Candidate): readonly Candidate[] =>
    together?.(candidate).filter((each) => all.has(each)) ?? [candidate];
}

/** The candidates in each order that is asked for; sorted once, for there may be hundreds. */
class Queues {
  readonly #candidates: readonly Candidate[];
  readonly #sorted = new Map<Order, Candidate[]>();

  constructor(candidates: readonly Candidate[]) {
    this.#candidates = candidates;
  }

  /** The first that is not among those `done`. */
  next(order: Order, done: ReadonlyMap<Candidate, InstantMs>): Candidate | undefined {
    const queue = this.#sorted.get(order) ?? this.#candidates.toSorted(order.compare);
    this.#sorted.set(order, queue);
    let candidate = queue.shift();
    while (candidate !== undefined && done.has(candidate)) candidate = queue.shift();
    return candidate;
  }
}

/** When the next execution may be created, from an instant on; undefined where none ever may. */
function nextCreateMs(quota: DailyQuota, fromMs: InstantMs): InstantMs | undefined {
  if (!quota.isSpent(fromMs)) return fromMs;
  const renewsMs = quota.renewsMs(fromMs);
  return quota.isSpent(renewsMs) ? undefined : renewsMs;
}

function expiringOf(
  ends: ReadonlyMap<Candidate, InstantMs>,
  nowMs: InstantMs,
  lastMs: InstantMs,
): ExpiringDate[] {
  return [...ends]
    .filter(
      ([{ timing, isHeld }]) => !isHeld && timing.expiresMs > nowMs && timing.expiresMs <= lastMs,
    )
    .map(([{ stream, eventDate, timing }, endMs]) => ({
      stream: stream.name,
      eventDate,
      expiresMs: timing.expiresMs,
      isLost: endMs > timing.expiresMs,
    }))
    .toSorted((a, b) => a.expiresMs - b.expiresMs || (a.stream < b.stream ? -1 : 1));
}
