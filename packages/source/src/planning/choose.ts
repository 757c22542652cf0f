import type { Candidate } from './plan-partition.ts';

/** What a slot serves: what expires first, or the newest dates. */
export type Lane = 'expiring' | 'newest';

export interface Choice {
  readonly candidate: Candidate;
  readonly lane: Lane;
}

/**
 * The slice for the next free slot of an account. What expires first goes first, except that one
 * slot serves the newest dates; an account that has a single slot serves what expires.
 */
export function chooseNext(
  candidates: readonly Candidate[],
  running: readonly Lane[],
  slots: number,
): Choice | undefined {
  const serveNewest = slots > 1 && !running.includes('newest') && running.length > 0;
  const best = candidates.toSorted(serveNewest ? byNewest : byExpiry)[0];
  return best && { candidate: best, lane: serveNewest ? 'newest' : 'expiring' };
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
