import type { LogFields } from '@traffic-events/client';
import type { InstantMs } from '@traffic-events/slice';

/** How an account stands in a run that is under way. */
export type AccountState = 'waiting' | 'running' | 'done' | 'failed';

const FINISHED = new Set(['slice.loaded', 'slice.kept', 'slice.failed']);

/** What the events of a run have told of an account so far. */
export class WatchedAccount {
  readonly accountId: string;
  #plannedMs: InstantMs | undefined;
  #total = 0;
  #finished = 0;
  #failed = 0;
  #rows = 0;
  #hoursAhead = 0;
  #lastFinishedMs: InstantMs | undefined;
  #hasEnded = false;

  constructor(accountId: string) {
    this.accountId = accountId;
  }

  /** Executions that have come to an end, of those that are known to lie ahead. */
  get finished(): number {
    return this.#finished;
  }
  get total(): number {
    return Math.max(this.#total, this.#finished);
  }
  get rows(): number {
    return this.#rows;
  }
  get failures(): number {
    return this.#failed;
  }

  get state(): AccountState {
    if (this.#hasEnded) return 'failed';
    if (this.#plannedMs === undefined) return 'waiting';
    return this.#finished >= this.#total ? 'done' : 'running';
  }

  take(event: string, fields: LogFields, nowMs: InstantMs): void {
    if (event === 'run.planned') {
      this.#plannedMs = nowMs;
      this.#total += Number(fields['slices']) + Number(fields['in_flight']);
      this.#hoursAhead = Number(fields['hours_learned'] ?? fields['hours_ahead']);
    }
    if (event === 'account.failed') this.#hasEnded = true;
    if (!FINISHED.has(event)) return;
    this.#finished += 1;
    this.#lastFinishedMs = nowMs;
    if (event === 'slice.failed') this.#failed += 1;
    if (event === 'slice.loaded') this.#rows += Number(fields['row_count'] ?? 0);
  }

  /**
   * When it ends at the pace of what has ended, which stays while the next are awaited; where these
   * are overdue, one more is. Before anything has ended, at the pace of before, or the usual one.
   * Undefined where there is nothing to wait for, or nothing is known.
   */
  endsMs(nowMs: InstantMs): InstantMs | undefined {
    const plannedMs = this.#plannedMs;
    if (this.state !== 'running' || plannedMs === undefined) return undefined;
    const lastMs = this.#lastFinishedMs;
    if (lastMs === undefined) return Math.max(nowMs, plannedMs + this.#hoursAhead * 3_600_000);
    const pace = (lastMs - plannedMs) / this.#finished;
    return Math.max(nowMs + pace, lastMs + pace * (this.#total - this.#finished));
  }
}
