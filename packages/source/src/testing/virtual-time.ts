import { setImmediate, setTimeout } from 'node:timers/promises';

import type { Clock } from '@traffic-events/client';
import { SimulatedClock } from '@traffic-events/simulator';
import { Agent } from 'undici';
import type { Dispatcher } from 'undici';

/** Turns of the event loop without a request or a file under way, after which nothing more moves. */
const QUIET_TURNS = 5;

/**
 * Time that passes only while everything waits for it: as soon as no request and no file operation
 * is under way, the clock moves to the next instant that someone sleeps for. Fifteen simulated
 * minutes cost a few milliseconds, and the work done meanwhile costs no simulated time at all.
 */
export class VirtualTime {
  /** For the simulator. */
  readonly simulated: SimulatedClock;
  /** For the client and the source. */
  readonly clock: Clock;
  /** For the client: counts the requests under way. */
  readonly dispatcher: Dispatcher;
  readonly #agent = new Agent();
  /** When the client's and the source's sleepers are due. */
  readonly #sleepers = new Sleepers();
  /** The same of the simulator: each holds up a request. */
  readonly #heldUp = new Sleepers(() => this.#onAnswer());
  #requests = 0;
  /** Called when a request has ended, or is held up. */
  #onAnswer = () => {};
  #running = true;
  #driving: Promise<void>;

  constructor(options: { readonly originMs: number }) {
    const clock = new SimulatedClock({ originMs: options.originMs, scale: 0 });
    this.simulated = new WatchedClock(clock, this.#heldUp);
    this.clock = {
      now: () => clock.now(),
      sleep: (ms, signal) => this.#sleepers.during(clock, ms, signal),
    };
    this.dispatcher = this.#agent.compose((dispatch) => (request, handler) => {
      this.#requests += 1;
      return dispatch(request, this.#counted(handler));
    });
    this.#driving = this.#drive();
  }

  /** Stops driving; sleepers are left alone. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#onAnswer();
    await this.#driving;
    await this.#agent.close();
  }

  async #drive(): Promise<void> {
    while (this.#running) {
      await this.#quiet();
      const nextMs = Math.min(this.#sleepers.nextMs(), this.#heldUp.nextMs());
      if (nextMs < Infinity) this.simulated.advanceTo(nextMs);
      else await setTimeout(1);
    }
  }

  async #quiet(): Promise<void> {
    for (let turns = 0; turns < QUIET_TURNS && this.#running; turns += 1) {
      await setImmediate();
      const isBusy = await this.#whileBusy();
      if (isBusy) turns = 0;
    }
  }

  /** Whether something was under way. Turning the loop over meanwhile would take its time. */
  async #whileBusy(): Promise<boolean> {
    if (this.#isAsking) await this.#answer();
    else if (isUsingFiles()) await setTimeout(1);
    else return false;
    return true;
  }

  get #isAsking(): boolean {
    return this.#requests > this.#heldUp.count;
  }

  #answer(): Promise<void> {
    return new Promise((resolve) => {
      this.#onAnswer = resolve;
    });
  }

  #counted(handler: Dispatcher.DispatchHandler): Dispatcher.DispatchHandler {
    let isOpen = true;
    const end = () => {
      if (!isOpen) return;
      isOpen = false;
      this.#requests -= 1;
      this.#onAnswer();
    };
    return new Proxy(handler, {
      get(target, name, receiver) {
        const value: unknown = Reflect.get(target, name, receiver);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => {
          if (name === 'onResponseEnd' || name === 'onResponseError') end();
          return value.apply(target, args) as unknown;
        };
      },
    });
  }
}

/** Who sleeps, and until when. */
class Sleepers {
  readonly #dueMs = new Map<symbol, number>();
  readonly #onSleep: () => void;

  constructor(onSleep: () => void = () => {}) {
    this.#onSleep = onSleep;
  }

  get count(): number {
    return this.#dueMs.size;
  }

  nextMs(): number {
    return Math.min(...this.#dueMs.values());
  }

  async during(clock: SimulatedClock, ms: number, signal?: AbortSignal): Promise<void> {
    const sleeper = Symbol('sleeper');
    this.#dueMs.set(sleeper, clock.now() + ms);
    this.#onSleep();
    try {
      await clock.sleep(ms, signal);
    } finally {
      this.#dueMs.delete(sleeper);
    }
  }
}

/** The simulator's clock, whose sleepers are counted: it has no other that would pass on its own. */
class WatchedClock extends SimulatedClock {
  readonly #clock: SimulatedClock;
  readonly #sleepers: Sleepers;

  constructor(clock: SimulatedClock, sleepers: Sleepers) {
    super({ originMs: clock.now(), scale: 0 });
    this.#clock = clock;
    this.#sleepers = sleepers;
  }

  override now(): number {
    return this.#clock.now();
  }

  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.#sleepers.during(this.#clock, ms, signal);
  }

  override advanceTo(ms: number): void {
    this.#clock.advanceTo(ms);
  }
}

function isUsingFiles(): boolean {
  return process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'));
}
