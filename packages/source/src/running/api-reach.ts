import { TrafficEventsError } from '@traffic-events/client';
import type { AccountClient } from '@traffic-events/client';

import { AccountUnavailable } from './account-unavailable.ts';
import { isUnanswered } from './failure.ts';
import { outagePauseMs } from '../planning/retry-schedule.ts';
import type { RunContext } from './run-context.ts';

/** What asking has shown: the API answered at once, or only after an outage. */
export type Reach = 'answers' | 'recovered';

/**
 * Whether the API answers for an account at all. A call that got no answer may have met a fault of
 * its own; only where a plain question gets none either it is an outage. That is one fact, however
 * many calls it strikes: all of them wait for the one who asks, until the API answers again or the
 * account is given up.
 */
export class ApiReach {
  readonly #run: RunContext;
  readonly #account: AccountClient;
  readonly #accountId: string;
  readonly #over = new AbortController();
  #asking: Promise<Reach> | undefined;

  constructor(options: { run: RunContext; account: AccountClient; accountId: string }) {
    this.#run = options.run;
    this.#account = options.account;
    this.#accountId = options.accountId;
  }

  /** Nothing new is begun while nobody knows whether the API answers. */
  get isInDoubt(): boolean {
    return this.#asking !== undefined;
  }

  /** Aborted once the account is given up, so that nobody polls on for it. */
  get overSignal(): AbortSignal {
    return this.#over.signal;
  }

  /**
   * Resolves once the API answers. AccountUnavailable where it has not within the longest outage, or
   * where it refuses the account; the reason of an abort when the run is stopped.
   */
  confirm(): Promise<Reach> {
    if (this.#over.signal.aborted) return Promise.reject(this.#over.signal.reason as Error);
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #ask(): Promise<Reach> {
    const { client, clock, logger, timeUpSignal } = this.#run;
    const beganMs = this.#account.unansweredSinceMs ?? clock.now();
    for (let tries = 1; ; tries += 1) {
      const error = await this.#question();
      if (error === undefined) return tries === 1 ? 'answers' : 'recovered';
      const leftMs = beganMs + client.maxOutageMs - clock.now();
      if (leftMs <= 0 || timeUpSignal.aborted) throw this.#giveUp(error, clock.now() - beganMs);
      const pauseMs = Math.min(outagePauseMs(tries), leftMs);
      const fields = { account_id: this.#accountId, reason: error.message, next_try_ms: pauseMs };
      logger.warn(fields, 'api.unreachable');
      await this.#pause(pauseMs);
    }
  }

  /** Ends early when the run's time is up; throws when the run is stopped. */
  async #pause(ms: number): Promise<void> {
    const { clock, signal, timeUpSignal } = this.#run;
    const ends = AbortSignal.any([signal, timeUpSignal]);
    await clock.sleep(ms, ends).catch((error: unknown) => {
      if (signal.aborted || !ends.aborted) throw error;
    });
  }

  /** Undefined when it was answered. */
  async #question(): Promise<TrafficEventsError | undefined> {
    try {
      await this.#account.probe({ signal: this.#run.signal });
    } catch (error) {
      if (!(error instanceof TrafficEventsError) || error.action === 'fatal') throw error;
      if (isUnanswered(error)) return error;
      throw new AccountUnavailable(error.message, 'refused', error);
    }
    return undefined;
  }

  #giveUp(error: TrafficEventsError, outageMs: number): AccountUnavailable {
    const given = new AccountUnavailable(
      `the API could not be reached for ${durationText(outageMs)}: ${error.message}. Nothing is held against any slice; run again once it answers`,
      'unreachable',
      error,
    );
    this.#over.abort(given);
    return given;
  }
}

function durationText(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  return seconds < 120 ? `${seconds} seconds` : `${Math.floor(seconds / 60)} minutes`;
}
