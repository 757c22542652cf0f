/** How often and how long a call is tried. Times are of the client's clock. */
export interface RetryPolicy {
  /** Tries of one call, the first included. */
  readonly maxAttempts: number;
  /** Bound of the first wait; doubles with each further one. */
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  /** Longest Retry-After that is obeyed; a longer one is cut to this. */
  readonly maxRetryAfterMs: number;
  /**
   * How long an account is asked again while nothing answers, from the first try that got no answer;
   * Infinity for as often as `maxAttempts` says. A wait that the server asks for may outlast it.
   */
  readonly maxOutageMs: number;
}

export const defaultRetryPolicy: RetryPolicy = Object.freeze({
  maxAttempts: 7,
  baseDelayMs: 2_000,
  maxDelayMs: 60_000,
  maxRetryAfterMs: 300_000,
  maxOutageMs: 300_000,
});

/**
 * How long to wait before the try after `attempt` (from 1): exponential with full jitter, and never
 * shorter than the server asked for.
 */
export function retryDelayMs(options: {
  readonly policy: RetryPolicy;
  readonly attempt: number;
  readonly retryAfterMs: number | null;
  readonly random: () => number;
}): number {
  const { policy, attempt, retryAfterMs, random } = options;
  const boundMs = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (attempt - 1));
  const jitterMs = random() * boundMs;
  if (retryAfterMs === null) return jitterMs;
  // Jitter on top, or all that were refused together come back together.
  return Math.min(retryAfterMs, policy.maxRetryAfterMs) + Math.min(jitterMs, policy.baseDelayMs);
}

/**
 * Milliseconds that the Retry-After header of an answer asks for, null without one or when it makes
 * no sense. Seconds or an HTTP date; a date counts from the answer's own Date, else from `nowMs`.
 */
export function retryAfterOf(
  { headers }: { readonly headers: Readonly<Record<string, string | string[] | undefined>> },
  nowMs: number,
): number | null {
  const text = String(headers['retry-after'] ?? '').trim();
  if (text === '') return null;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const untilMs = /^[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(untilMs)) return null;
  const saidMs = Date.parse(String(headers['date'] ?? ''));
  return Math.max(0, untilMs - (Number.isNaN(saidMs) ? nowMs : saidMs));
}
