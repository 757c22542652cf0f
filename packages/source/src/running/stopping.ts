import type { Clock } from '@traffic-events/client';

/** After a stop, what has finished may still be delivered for this long (real time). */
const GRACE_MS = 8000;

/** Two signals: stop creating and polling at once, break off deliveries some seconds later. */
export class Stopping {
  readonly #stop = new AbortController();
  readonly #grace = new AbortController();
  readonly #ended = new AbortController();
  readonly #given: AbortSignal | undefined;
  readonly #timeUp = new AbortController();
  #fault: { readonly error: unknown } | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #onGiven = () => this.stop(this.#given?.reason);

  /** `given` is the caller's own signal. */
  constructor(given: AbortSignal | undefined) {
    this.#given = given;
    if (given?.aborted === true) this.#onGiven();
    else given?.addEventListener('abort', this.#onGiven, { once: true });
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  get graceSignal(): AbortSignal {
    return this.#grace.signal;
  }

  /** The caller's signal stopped the run. */
  get isInterrupted(): boolean {
    return this.#given?.aborted ?? false;
  }

  /** Aborted when the longest duration has passed: only what must not wait is still worked on. */
  get timeUpSignal(): AbortSignal {
    return this.#timeUp.signal;
  }

  /** Time is up after `ms` of the clock; never without. */
  after(ms: number | undefined, clock: Clock): void {
    if (ms === undefined) return;
    const onTime = () =>
      this.#timeUp.abort(
        new DOMException('the longest duration of a run has passed', 'AbortError'),
      );
    clock.sleep(ms, AbortSignal.any([this.signal, this.#ended.signal])).then(onTime, () => {});
  }

  /** Stops because of a fault that concerns all accounts; the first one is the cause of the others. */
  fail(error: unknown): void {
    this.#fault ??= { error };
    this.stop(error);
  }

  throwFault(): void {
    if (this.#fault !== undefined) throw this.#fault.error;
  }

  stop(reason: unknown): void {
    if (this.signal.aborted) return;
    this.#stop.abort(reason);
    this.#timer = setTimeout(() => this.#grace.abort(reason), GRACE_MS);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#ended.abort();
    this.#given?.removeEventListener('abort', this.#onGiven);
  }
}
