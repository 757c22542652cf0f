import type { CreateExecutionRequest } from '../create-request.ts';

const DAY_MS = 86_400_000;
/** How long events can be queried after they have arrived, at least. */
const RETENTION_MS = { sql: 30 * DAY_MS, ivt_report: 30 * DAY_MS, page_url_report: 365 * DAY_MS };
/** How late the last of them arrive. */
const ARRIVAL_MS = { sql: 3 * DAY_MS, ivt_report: 4 * DAY_MS, page_url_report: 2 * DAY_MS };

/**
 * What a window reaches that the API does not have, for a log line; null where it has it all. Events
 * that may still arrive are no reason: asking again later is the caller's business.
 */
export function describeReach(
  { kind, window }: CreateExecutionRequest,
  nowMs: number,
): string | null {
  if (typeof window === 'string') return null;
  const { startMs, endMs } = window;
  if (endMs > nowMs) return 'the window ends in the future, so that its events are not all there';
  const keptSinceMs = nowMs - RETENTION_MS[kind];
  const days = RETENTION_MS[kind] / DAY_MS;
  if (endMs + ARRIVAL_MS[kind] <= keptSinceMs) {
    return `the window ended more than ${days} days ago, so that all of it has expired: an empty result says nothing about it`;
  }
  if (endMs <= keptSinceMs) {
    return `the window ended more than ${days} days ago, so that all of it has expired but for what arrived late`;
  }
  if (startMs >= keptSinceMs) return null;
  return `the window begins more than ${days} days ago, so that a part of it may have expired`;
}
