import type { CreateExecutionRequest } from '../create-request.ts';

const DAY_MS = 86_400_000;
/** How long events can be queried after they have arrived, at least. */
const RETENTION_MS = { sql: 30 * DAY_MS, ivt_report: 30 * DAY_MS, page_url_report: 365 * DAY_MS };

/**
 * What a window reaches that the API does not have, for a log line; null where it has it all. Events
 * that may still arrive are no reason: asking again later is the caller's business.
 */
export function describeReach(
  { kind, window }: CreateExecutionRequest,
  nowMs: number,
): string | null {
  if (typeof window === 'string') return null;
  if (window.endMs > nowMs)
    return 'the window ends in the future, so that its events are not all there';
  if (window.startMs < nowMs - RETENTION_MS[kind]) {
    return `the window begins more than ${RETENTION_MS[kind] / DAY_MS} days ago, so that a part of it may have expired`;
  }
  return null;
}
