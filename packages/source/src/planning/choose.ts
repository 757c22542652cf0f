import type { Candidate } from './plan-partition.ts';

/** What a slot serves: what expires first, or the newest dates. */
export type Lane = 'expiring' | 'newest';

export interface ChosenSlice {
  readonly candidate: Candidate;
  readonly lane: Lane;
}

export interface AccountSlots {
  /** What each slot that is taken serves. */
  readonly running: readonly Lane[];
  readonly size: number;
  /** Executions that may still be created today; may be Infinity. */
  readonly quotaLeft: number;
}

/** How slices are ranked for a slot, and what it then serves. */
export interface Order {
  readonly lane: Lane;
  readonly compare: (a: Candidate, b: Candidate) => number;
}

const BY_EXPIRY: Order = { lane: 'expiring', compare: byExpiry };
const BY_NEWEST: Order = { lane: 'newest', compare: byNewest };
const BY_VALUE: Order = { lane: 'expiring', compare: byValue };

/**
 * The slice for the next free slot of an account. What expires first goes first, except that one
 * slot serves the newest dates; an account that has a single slot serves what expires. Where the
 * executions of the day do not suffice for all, they go to what is worth most.
 */
export function chooseNext(
  candidates: readonly Candidate[],
  slots: AccountSlots,
): ChosenSlice | undefined {
  const { lane, compare } = orderOf(candidates.length, slots);
  const [candidate] = candidates.toSorted(compare);
  return candidate && { candidate, lane };
}

/** By which order the next free slot takes one of so many candidates. */
export function orderOf(candidates: number, { running, size, quotaLeft }: AccountSlots): Order {
  if (candidates > quotaLeft) return BY_VALUE;
  const serveNewest = size > 1 && !running.includes('newest') && running.length > 0;
  return serveNewest ? BY_NEWEST : BY_EXPIRY;
}

/** What expires, what settles, dates of which nothing is held, and then what is only refreshed. */
function valueOf({ urgent, wouldSettle, isHeld }: Candidate): number {
  if (urgent) return 0;
  if (wouldSettle) return 1;
  return isHeld ? 3 : 2;
}

function byValue(a: Candidate, b: Candidate): number {
  const value = valueOf(a);
  return (
    rankOf(a) - rankOf(b) || value - valueOf(b) || (value < 2 ? byExpiry(a, b) : byNewest(a, b))
  );
}

/** First attempts before retries unless those are urgent; what has begun to expire comes last. */
function rankOf(candidate: Candidate): number {
  if (candidate.expired) return 2;
  return candidate.attempts > 0 && !candidate.urgent ? 1 : 0;
}

function byExpiry(a: Candidate, b: Candidate): number {
  return rankOf(a) - rankOf(b) || a.timing.expiresMs - b.timing.expiresMs;
}

function byNewest(a: Candidate, b: Candidate): number {
  return rankOf(a) - rankOf(b) || b.window.startMs - a.window.startMs;
}
