import type { Clock } from '../clock.ts';
import { retryDelayMs } from './retry-timing.ts';
import type { RetryPolicy } from './retry-timing.ts';

/** A try that came to nothing; a later one may help. */
export interface FailedTry {
  /** How long the server asked to be left alone; null where it did not. */
  readonly retryAfterMs: number | null;
}

export interface RetryTimes {
  readonly clock: Clock;
  readonly retry: RetryPolicy;
  readonly random: () => number;
}

export interface RetryRules<Failed extends FailedTry> {
  /** Whether another try makes sense after `attempt` (from 1); it does unless this says no. */
  readonly isWorthwhile?: (failed: Failed, attempt: number) => boolean;
  /** Clock time at which tries end; one that the server has asked for may come later. */
  readonly endMs?: () => number;
  /** The error once there is no further try; `attempts` were made. */
  readonly errorOf: (failed: Failed, attempts: number) => Error;
  /** Told before each wait. */
  readonly onWait?: (failed: Failed, wait: { attempt: number; delayMs: number }) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The one way in which requests are tried again, for tokens, calls, downloads and alerts alike: with full
 * jitter, never sooner than the server allows, and as often as the policy says.
 */
export async function retrying<Value extends object, Failed extends FailedTry>(
  once: () => Promise<Value | Failed>,
  { clock, retry, random }: RetryTimes,
  {
    isWorthwhile = () => true,
    endMs = () => Infinity,
    errorOf,
    onWait,
    signal,
  }: RetryRules<Failed>,
): Promise<Value> {
  for (let attempt = 1; ; attempt += 1) {
    const tried = await once();
    if (!isFailed(tried)) return tried;
    const leftMs = endMs() - clock.now();
    if (attempt >= retry.maxAttempts || leftMs <= 0 || !isWorthwhile(tried, attempt)) {
      throw errorOf(tried, attempt);
    }
    const { retryAfterMs } = tried;
    const waitMs = retryDelayMs({ policy: retry, attempt, retryAfterMs, random });
    const delayMs = retryAfterMs === null ? Math.min(waitMs, leftMs) : waitMs;
    onWait?.(tried, { attempt, delayMs });
    await clock.sleep(delayMs, signal);
  }
}

function isFailed<Failed extends FailedTry>(tried: object | Failed): tried is Failed {
  return 'retryAfterMs' in tried;
}
