import type { Clock } from '../clock.ts';
import { TrafficEventsError } from '../errors/traffic-events-error.ts';

export interface OutageOptions {
  readonly clock: Clock;
  /** Longest time without an answer, in ms of the clock; may be Infinity. */
  readonly maxOutageMs: number;
}

/** How long a server has not answered as itself, over all calls that it was asked with. */
export class Outage {
  readonly #clock: Clock;
  readonly #maxOutageMs: number;
  #sinceMs: number | undefined;

  constructor({ clock, maxOutageMs }: OutageOptions) {
    this.#clock = clock;
    this.#maxOutageMs = maxOutageMs;
  }

  /** When the first try began that got no answer; undefined while there are answers. */
  get sinceMs(): number | undefined {
    return this.#sinceMs;
  }

  /** When nobody asks again any more. */
  get endMs(): number {
    return (this.#sinceMs ?? Infinity) + this.#maxOutageMs;
  }

  /** Sees whether a try is answered: by what it throws, or by the `error` of what it gives. */
  async watch<Tried extends object>(once: () => Promise<Tried>): Promise<Tried> {
    const beganMs = this.#clock.now();
    try {
      const tried = await once();
      this.#note(beganMs, 'error' in tried ? tried.error : undefined);
      return tried;
    } catch (error) {
      // What breaks a try off, such as an abort, says nothing.
      if (error instanceof TrafficEventsError) this.#note(beganMs, error);
      throw error;
    }
  }

  #note(beganMs: number, error: unknown): void {
    const isAnswered = !(error instanceof TrafficEventsError) || !error.unreachable;
    this.#sinceMs = isAnswered ? undefined : (this.#sinceMs ?? beganMs);
  }
}
