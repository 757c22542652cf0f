import type { Clock } from '@traffic-events/client';

/** Longest delay that a Node timer takes. */
const MAX_TIMER_MS = 2_147_483_647;

const LAST_INSTANT_MS = Date.UTC(2200, 0, 1);

export interface SimulatedClockOptions {
  /** Simulated instant at `wallOriginMs`. Milliseconds since 1970-01-01T00:00:00Z. */
  readonly originMs: number;
  /** Simulated milliseconds per real millisecond; 0 stands still until it is advanced. Default 1. */
  readonly scale?: number;
  /** Real instant of the origin, so that several processes can agree. Default: now. */
  readonly wallOriginMs?: number;
}

interface Sleeper {
  readonly dueMs: number;
  readonly wake: () => void;
}

/** A clock that runs at its own speed and can be moved forward, never back. */
export class SimulatedClock implements Clock {
  readonly scale: number;
  readonly #originMs: number;
  readonly #startedMs: number;
  #skippedMs = 0;
  readonly #sleepers = new Set<Sleeper>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SimulatedClockOptions) {
    this.scale = options.scale ?? 1;
    this.#originMs = options.originMs;
    const wallAgeMs = Date.now() - (options.wallOriginMs ?? Date.now());
    this.#startedMs = performance.now() - wallAgeMs;
  }

  /** Simulated milliseconds since 1970-01-01T00:00:00Z. */
  now(): number {
    const passedMs = (performance.now() - this.#startedMs) * this.scale;
    return Math.floor(this.#originMs + passedMs + this.#skippedMs);
  }

  /** Resolves after `ms` of simulated time; rejects with the signal's reason when it aborts. */
  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (ms <= 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => resolve();
    const sleeper = { dueMs: this.now() + ms, wake };
    this.#sleepers.add(sleeper);
    signal?.addEventListener('abort', wake, { once: true });
    this.#schedule();
    await promise;
    signal?.removeEventListener('abort', wake);
    this.#sleepers.delete(sleeper);
    this.#schedule();
    signal?.throwIfAborted();
  }

  /**
   * Moves to `ms`, waking the sleepers that are due; an instant that has passed changes nothing.
   * RangeError for one beyond LAST_INSTANT_MS: what nobody can date would break the clock for good.
   */
  advanceTo(ms: number): void {
    if (!(ms <= LAST_INSTANT_MS)) {
      const last = new Date(LAST_INSTANT_MS).toISOString();
      throw new RangeError(`the clock goes to ${last} at most, not to ${ms} ms of the epoch`);
    }
    this.#skippedMs += Math.max(0, ms - this.now());
    this.#schedule();
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const nowMs = this.now();
    let nextMs = Infinity;
    for (const sleeper of this.#sleepers) {
      if (sleeper.dueMs <= nowMs) sleeper.wake();
      else nextMs = Math.min(nextMs, sleeper.dueMs);
    }
    if (nextMs === Infinity || this.scale === 0) return;
    const delayMs = Math.min(Math.ceil((nextMs - nowMs) / this.scale), MAX_TIMER_MS);
    this.#timer = setTimeout(() => this.#schedule(), delayMs);
  }
}
