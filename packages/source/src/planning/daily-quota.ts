import { eventDateAt, windowOf } from '@traffic-events/slice';
import type { InstantMs } from '@traffic-events/slice';

/** Counts the executions that an account was asked for on a UTC date, of this run and earlier ones. */
export class DailyQuota {
  readonly #limit: number;
  readonly #createdOn = new Map<string, number>();

  /** `limit` may be Infinity; `createTimesMs` are those of earlier runs. */
  constructor(limit: number, createTimesMs: readonly InstantMs[]) {
    this.#limit = limit;
    for (const createTimeMs of createTimesMs) this.spend(createTimeMs);
  }

  isSpent(nowMs: InstantMs): boolean {
    return this.left(nowMs) === 0;
  }

  /** Executions that may still be created on this UTC date; may be Infinity. */
  left(nowMs: InstantMs): number {
    return Math.max(0, this.#limit - (this.#createdOn.get(eventDateAt(nowMs)) ?? 0));
  }

  /** When the next UTC date begins. */
  renewsMs(nowMs: InstantMs): InstantMs {
    return windowOf(eventDateAt(nowMs)).endMs;
  }

  spend(nowMs: InstantMs): void {
    const date = eventDateAt(nowMs);
    this.#createdOn.set(date, (this.#createdOn.get(date) ?? 0) + 1);
  }
}
