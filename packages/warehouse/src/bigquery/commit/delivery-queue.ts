import { setImmediate } from 'node:timers/promises';
import type { Delivery } from '../../driver.ts';
import { groupSize, weightOf } from './flush-groups.ts';
import type { GroupLimits, Weight } from './flush-groups.ts';

interface DeliveryQueueOptions<Outcome> {
  readonly limits: GroupLimits;
  /** Commits all of them or none. Answers an outcome for each, in their order. */
  readonly commit: (group: readonly Delivery[]) => Promise<readonly Outcome[]>;
  /** Whether a failure left nothing behind and may be the fault of one delivery among several. */
  readonly isOfOne: (error: unknown) => boolean;
  /** The outcome of a delivery that failed by itself, where what comes behind it may go on. */
  readonly refusalOf?: (error: unknown, delivery: Delivery) => Outcome | undefined;
  /** Resolves when the first delivery of an idle queue has waited long enough for others. */
  readonly gather: () => Promise<void>;
}

interface Queued<Outcome> {
  readonly delivery: Delivery;
  readonly weight: Weight;
  readonly settle: PromiseWithResolvers<Outcome>;
}

/**
 * Commits what it is given, in that order: one flush at a time, each with what has come while the
 * one before it was under way. A delivery that is refused for what is in it has that for an outcome.
 * The first that fails otherwise is the last that was tried: it and all behind it fail for its reason.
 */
export class DeliveryQueue<Outcome> {
  readonly #options: DeliveryQueueOptions<Outcome>;
  readonly #waiting: Queued<Outcome>[] = [];
  /** How many of those that wait first go together: the halves of groups that failed. */
  readonly #halves: number[] = [];
  #failure: { readonly error: unknown } | undefined;
  #working: Promise<void> | undefined;

  constructor(options: DeliveryQueueOptions<Outcome>) {
    this.#options = Object.freeze({ ...options });
  }

  /** Resolves with its own outcome once it is committed. */
  async add(delivery: Delivery): Promise<Outcome> {
    if (this.#failure !== undefined) throw this.#failure.error;
    const settle = Promise.withResolvers<Outcome>();
    this.#waiting.push({ delivery, weight: weightOf(delivery), settle });
    this.#working ??= this.#work();
    return settle.promise;
  }

  /** Resolves once everything that was given has settled, however it ended. */
  async idle(): Promise<void> {
    await this.#working;
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#options.gather();
      await this.#flush(this.#take());
    }
    this.#working = undefined;
  }

  #take(): Queued<Outcome>[] {
    const half = this.#halves.shift();
    if (half !== undefined) return this.#waiting.splice(0, half);
    const weights = this.#waiting.map(({ weight }) => weight);
    return this.#waiting.splice(0, groupSize(weights, this.#options.limits));
  }

  async #flush(group: readonly Queued<Outcome>[]): Promise<void> {
    try {
      const outcomes = await this.#options.commit(group.map(({ delivery }) => delivery));
      outcomes.forEach((outcome, index) => group[index]?.settle.resolve(outcome));
    } catch (error) {
      const [only, ...others] = group;
      const isAlone = others.length === 0 && only !== undefined;
      const refusal = isAlone ? this.#options.refusalOf?.(error, only.delivery) : undefined;
      if (!isAlone && this.#options.isOfOne(error)) this.#halve(group);
      else if (isAlone && refusal !== undefined) await this.#refuse(only, refusal);
      else this.#fail(group, error);
    }
  }

  /** Lets those that failed together go in halves, so that the one at fault is soon by itself. */
  #halve(group: readonly Queued<Outcome>[]): void {
    this.#waiting.unshift(...group);
    const first = Math.ceil(group.length / 2);
    this.#halves.unshift(first, group.length - first);
  }

  /** Who handed it over takes its change back first: the states of those behind it build on it. */
  async #refuse({ settle }: Queued<Outcome>, refusal: Outcome): Promise<void> {
    settle.resolve(refusal);
    await setImmediate();
  }

  #fail(group: readonly Queued<Outcome>[], error: unknown): void {
    this.#failure = { error };
    for (const { settle } of [...group, ...this.#waiting.splice(0)]) settle.reject(error);
  }
}
