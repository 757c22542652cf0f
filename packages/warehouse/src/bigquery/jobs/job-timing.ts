export interface RetryTiming {
  /** Tries in all. */
  readonly attempts: number;
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
}

export const DEFAULT_RETRY_TIMING: RetryTiming = {
  attempts: 8,
  baseDelayMs: 500,
  maxDelayMs: 30_000,
};

/**
 * How long to wait after try number `attempt` (from 0). All of it is jitter: loaders that collided
 * must not meet again. `random` is in [0, 1).
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function retryDelayMs(attempt: number, timing: RetryTiming, random: number): number {
  const ceilingMs = Math.min(timing.maxDelayMs, timing.baseDelayMs * 2 ** attempt);
  return Math.round(ceilingMs * random);
}

/** How long to wait before looking at a job again: often at first, as most are short. */
export function pollDelayMs(look: number): number {
  return Math.min(50 * 2 ** Math.min(look, 6), 2000);
}
