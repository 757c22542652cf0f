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
  readonly #dueMs = new Map<symbol, number>();
  #requests = 0;
  #running = true;
  #driving: Promise<void>;

  constructor(options: { readonly originMs: number }) {
    this.simulated = new SimulatedClock({ originMs: options.originMs, scale: 0 });
    this.clock = {
      now: () => this.simulated.now(),
      sleep: (ms, signal) => this.#sleep(ms, signal),
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
    await this.#driving;
    await this.#agent.close();
  }

  async #sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const sleeper = Symbol('sleeper');
    this.#dueMs.set(sleeper, this.simulated.now() + ms);
    try {
      await this.simulated.sleep(ms, signal);
    } finally {
      this.#dueMs.delete(sleeper);
    }
  }

  async #drive(): Promise<void> {
    while (this.#running) {
      await this.#quiet();
      const nextMs = Math.min(...this.#dueMs.values());
      if (nextMs < Infinity) this.simulated.advanceTo(nextMs);
      else await setTimeout(1);
    }
  }

  async #quiet(): Promise<void> {
    for (let turns = 0; turns < QUIET_TURNS && this.#running; turns += 1) {
      await setImmediate();
      if (this.#requests > 0 || isUsingFiles()) turns = 0;
    }
  }

  #counted(handler: Dispatcher.DispatchHandler): Dispatcher.DispatchHandler {
    let isOpen = true;
    const end = () => {
      if (isOpen) this.#requests -= 1;
      isOpen = false;
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

function isUsingFiles(): boolean {
  return process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'));
}
