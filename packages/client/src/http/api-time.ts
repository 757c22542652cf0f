import type { Clock } from '../clock.ts';
import { ApiClockSkewError } from '../errors/api-clock-skew-error.ts';

const MAX_SKEW_MS = 5 * 60_000;
/** A Date header has whole seconds, rounded down. */
const DATE_STEP_MS = 1_000;

/** The API's clock, as its Date headers show it. */
export class ApiTime {
  readonly #clock: Clock;
  #lastDateMs: number | undefined;
  #seenAtMs = 0;
  #skew: string | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes in the Date header of an answer; its instant, or null where it has none. */
  observe(dateHeader: string | undefined, sentMs: number): number | null {
    const dateMs = Date.parse(dateHeader ?? '');
    if (Number.isNaN(dateMs)) return null;
    const receivedMs = this.#clock.now();
    this.#lastDateMs = dateMs;
    this.#seenAtMs = receivedMs;
    this.#skew = skewOf(dateMs, sentMs, receivedMs);
    return dateMs;
  }

  /**
   * The last Date header plus the time since; our own clock before there was one. Throws
   * ApiClockSkewError while the last answer was more than five minutes off.
   */
  nowMs(): number {
    if (this.#skew !== undefined) throw new ApiClockSkewError(this.#skew);
    const nowMs = this.#clock.now();
    return this.#lastDateMs === undefined ? nowMs : this.#lastDateMs + (nowMs - this.#seenAtMs);
  }
}

function skewOf(dateMs: number, sentMs: number, receivedMs: number): string | undefined {
  const earlyMs = sentMs - DATE_STEP_MS - MAX_SKEW_MS;
  if (dateMs >= earlyMs && dateMs <= receivedMs + MAX_SKEW_MS) return undefined;
  return (
    `The API says it is ${iso(dateMs)}, this machine ${iso(receivedMs)}: more than five minutes apart. ` +
    'Expiry cannot be judged; set the machine’s clock and run again'
  );
}

function iso(ms: number): string {
  return new Date(Math.floor(ms)).toISOString();
}
