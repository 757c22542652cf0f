import { ConfigurationError } from './errors/configuration-error.ts';

/** Where time comes from. Every wait of this package goes through one. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after `ms` of this clock's time; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Where its time comes from, if it runs evenly: others can then reckon it without asking. */
  readonly origin?: ClockOrigin;
}

/** setTimeout counts in 31 bits and fires at once beyond. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Which time it is where the machine's wall clock shows `wallOriginMs`, and how fast time goes on. */
export interface ClockOrigin {
  readonly originMs: number;
  readonly wallOriginMs: number;
  /** 3600 lets an hour pass in a second. */
  readonly scale: number;
}

class ScaledClock implements Clock {
  readonly origin: ClockOrigin;
  readonly #originMs: number;
  readonly #wallOriginMs: number;
  readonly #scale: number;

  constructor(options: ClockOrigin) {
    this.origin = options;
    this.#originMs = options.originMs;
    this.#wallOriginMs = options.wallOriginMs;
    this.#scale = options.scale;
  }

  now(): number {
    return this.#originMs + (Date.now() - this.#wallOriginMs) * this.#scale;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    let leftMs = ms / this.#scale;
    do {
      const stepMs = Math.min(Math.max(leftMs, 0), MAX_TIMER_MS);
      await timer(stepMs, signal);
      leftMs -= stepMs;
    } while (leftMs > 0);
  }
}

function timer(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    const onAbort = () => {
      clearTimeout(handle);
      reject(signal?.reason);
    };
    const handle = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** The machine's own time. */
export const systemClock: Clock = Object.freeze(
  new ScaledClock({ originMs: 0, wallOriginMs: 0, scale: 1 }),
);

/**
 * The clock that TRAFFIC_EVENTS_NOW and TRAFFIC_EVENTS_TIME_SCALE describe; the system's without them.
 *
 * TRAFFIC_EVENTS_NOW is `INSTANT` (it is that time now) or `INSTANT@WALL` (it was that time at the
 * instant WALL of the machine's time, so that several processes agree), both ISO 8601.
 * TRAFFIC_EVENTS_TIME_SCALE is the speed: 3600 lets an hour pass in a second.
 */
export function clockFromEnvironment(env: Record<string, string | undefined>): Clock {
  const isSet = env['TRAFFIC_EVENTS_NOW'] || env['TRAFFIC_EVENTS_TIME_SCALE'];
  return isSet ? new ScaledClock(clockOrigin(env)) : systemClock;
}

/** What the two variables say, for another clock than `clockFromEnvironment`'s. */
export function clockOrigin(env: Record<string, string | undefined>): ClockOrigin {
  const [origin, wall] = (env['TRAFFIC_EVENTS_NOW'] ?? '').split('@');
  return {
    originMs: origin ? instant(origin) : Date.now(),
    wallOriginMs: wall ? instant(wall) : Date.now(),
    scale: speed(env['TRAFFIC_EVENTS_TIME_SCALE']),
  };
}

function instant(text: string): number {
  const ms = Date.parse(text);
  if (!Number.isNaN(ms)) return ms;
  throw new ConfigurationError(
    `TRAFFIC_EVENTS_NOW has ${JSON.stringify(text)}, which is no ISO 8601 instant; write 2026-01-10T06:00:00Z`,
  );
}

function speed(text: string | undefined): number {
  if (!text) return 1;
  const scale = Number(text);
  if (scale > 0 && Number.isFinite(scale)) return scale;
  throw new ConfigurationError(
    `TRAFFIC_EVENTS_TIME_SCALE is ${JSON.stringify(text)}; write a number above 0, such as 3600`,
  );
}

/** The same clock, whose sleeps also end when `closed` is aborted. */
export function closable(clock: Clock, closed: AbortSignal): Clock {
  return {
    ...(clock.origin === undefined ? {} : { origin: clock.origin }),
    now: () => clock.now(),
    sleep: (ms, signal) =>
      clock.sleep(ms, signal === undefined ? closed : AbortSignal.any([signal, closed])),
  };
}
