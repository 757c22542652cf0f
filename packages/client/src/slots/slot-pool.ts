import type { Clock } from '../clock.ts';
import { CapacityError } from '../errors/capacity-error.ts';

export interface SlotPoolOptions {
  /** Account that the slots belong to, for messages. */
  readonly accountKey: string;
  readonly limit: number;
  readonly clock: Clock;
  readonly random: () => number;
  /**
   * Asks the API about executions that hold a slot and that nobody is following, so that one that
   * has ended cannot hold it for ever.
   */
  readonly checkHeld: (executionIds: readonly string[], signal?: AbortSignal) => Promise<void>;
}

/** A slot that is held for a create under way. Ends with exactly one of its calls. */
export interface Reservation {
  /** The create made this execution, which holds the slot from now on. */
  bind(executionId: string): void;
  /** The create came to nothing. */
  release(): void;
  /** The API says that the account is at its limit: others hold slots that we do not know of. */
  refuse(): void;
}

const CHECK_HELD_MS = 60_000;
const FIRST_REFUSAL_WAIT_MS = 15_000;
const LONGEST_REFUSAL_WAIT_MS = 120_000;

/** The active executions that one account may have, shared by everything in the process. */
export class SlotPool {
  readonly #options: SlotPoolOptions;
  readonly #held = new Set<string>();
  readonly #queue: symbol[] = [];
  #reserved = 0;
  #refusals = 0;
  #refusedUntilMs = 0;
  #changed = Promise.withResolvers<void>();

  constructor(options: SlotPoolOptions) {
    this.#options = options;
  }

  /** Executions that hold a slot as far as is known. */
  get heldIds(): readonly string[] {
    return [...this.#held];
  }

  /** Waits for a slot, in the order of the calls; CapacityError at `deadlineMs` (clock time). */
  async reserve(deadlineMs: number, signal?: AbortSignal): Promise<Reservation> {
    const ticket = Symbol('ticket');
    this.#queue.push(ticket);
    try {
      let checkedMs = this.#options.clock.now();
      while (!this.#isMyTurn(ticket)) {
        const nowMs = this.#options.clock.now();
        if (nowMs >= deadlineMs) throw this.#deadlineError();
        if (this.#queue[0] === ticket && nowMs - checkedMs >= CHECK_HELD_MS) {
          checkedMs = nowMs;
          await this.#options.checkHeld(this.heldIds, signal);
          continue;
        }
        await this.#wait(deadlineMs - nowMs, signal);
      }
      this.#reserved += 1;
      return this.#reservation();
    } finally {
      this.#queue.splice(this.#queue.indexOf(ticket), 1);
      this.#announce();
    }
  }

  /** An execution is active, whoever created it. */
  occupy(executionId: string): void {
    this.#held.add(executionId);
  }

  /** The API says that an execution ended: the only thing that frees its slot. */
  vacate(executionId: string): void {
    if (!this.#held.delete(executionId)) return;
    this.#refusals = 0;
    this.#refusedUntilMs = 0;
    this.#announce();
  }

  #isMyTurn(ticket: symbol): boolean {
    // After a refusal one create at a time finds out whether there is room again.
    const room = this.#refusals > 0 && this.#reserved > 0 ? 0 : this.#options.limit;
    return (
      this.#queue[0] === ticket &&
      this.#held.size + this.#reserved < room &&
      this.#options.clock.now() >= this.#refusedUntilMs
    );
  }

  /** Until something changes, a refusal has passed, or it is time to check. */
  async #wait(leftMs: number, signal?: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const refusedMs = this.#refusedUntilMs - clock.now();
    const waitMs = Math.min(leftMs, CHECK_HELD_MS, refusedMs > 0 ? refusedMs : CHECK_HELD_MS);
    const woken = new AbortController();
    const sleep = clock.sleep(
      waitMs,
      signal === undefined ? woken.signal : AbortSignal.any([signal, woken.signal]),
    );
    const changed = this.#changed.promise;
    try {
      await Promise.race([sleep, changed]);
    } finally {
      woken.abort();
      await sleep.catch(() => {});
    }
    signal?.throwIfAborted();
  }

  #reservation(): Reservation {
    const end = () => {
      this.#reserved -= 1;
      this.#announce();
    };
    return {
      bind: (executionId) => {
        this.#held.add(executionId);
        this.#refusals = 0;
        end();
      },
      release: end,
      refuse: () => {
        this.#refusedUntilMs = this.#options.clock.now() + this.#refusalWaitMs();
        this.#refusals += 1;
        end();
      },
    };
  }

  #refusalWaitMs(): number {
    const boundMs = Math.min(LONGEST_REFUSAL_WAIT_MS, FIRST_REFUSAL_WAIT_MS * 2 ** this.#refusals);
    return boundMs * (0.5 + this.#options.random() / 2);
  }

  #announce(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }

  #deadlineError(): CapacityError {
    const { accountKey, limit } = this.#options;
    return new CapacityError(
      `No slot of ${accountKey} came free in time: ${this.#held.size} of ${limit} are held by executions of this program${this.#refusals > 0 ? ', and the API says that the limit is reached' : ''}. Try again later, or raise capacityTimeoutMs`,
    );
  }
}
