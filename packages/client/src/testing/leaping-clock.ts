import type { Clock } from '../clock.ts';

/** Long enough for loopback requests to be answered, so that time does not run ahead of them. */
const IDLE_MS = 5;

interface Sleeper {
  readonly dueMs: number;
  readonly wake: () => void;
}

/**
 * A clock that leaps to the next waking whenever nothing has happened for some real milliseconds:
 * days pass in a moment, in order, and nothing is skipped.
 */
export class LeapingClock implements Clock {
  readonly #sleepers = new Set<Sleeper>();
  readonly #onLeap: (nowMs: number) => void;
  /** Every sleep that was asked for. */
  readonly sleptMs: number[] = [];
  #nowMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(nowMs: number, onLeap: (nowMs: number) => void = () => {}) {
    this.#nowMs = nowMs;
    this.#onLeap = onLeap;
  }

  now(): number {
    return this.#nowMs;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.sleptMs.push(ms);
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => resolve();
    const sleeper = { dueMs: this.#nowMs + ms, wake };
    this.#sleepers.add(sleeper);
    signal?.addEventListener('abort', wake, { once: true });
    this.#arm();
    await promise;
    signal?.removeEventListener('abort', wake);
    this.#sleepers.delete(sleeper);
    signal?.throwIfAborted();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    if (this.#sleepers.size > 0) this.#timer = setTimeout(() => this.#leap(), IDLE_MS);
  }

  #leap(): void {
    const [next] = [...this.#sleepers].toSorted((a, b) => a.dueMs - b.dueMs);
    if (next === undefined) return;
    this.#nowMs = Math.max(this.#nowMs, next.dueMs);
    this.#onLeap(this.#nowMs);
    this.#sleepers.delete(next);
    next.wake();
    this.#arm();
  }
}
