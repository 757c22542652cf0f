import type { Lane } from '../planning/choose.ts';

/** The slots of an account that this run holds, and the work that goes on after a slot is free. */
export class Slots {
  readonly #size: number;
  readonly #held = new Map<symbol, Lane>();
  readonly #work = new Set<Promise<void>>();
  #changed = Promise.withResolvers<void>();
  #failure: { readonly error: unknown } | undefined;

  constructor(size: number) {
    this.#size = size;
  }

  get size(): number {
    return this.#size;
  }

  get hasFree(): boolean {
    return this.#held.size < this.#size;
  }

  get isIdle(): boolean {
    return this.#work.size === 0;
  }

  /** What the slots in use serve. */
  lanes(): Lane[] {
    return [...this.#held.values()];
  }

  /** Begins work that holds a slot until it calls `release`, or ends. */
  start(lane: Lane, work: (release: () => void) => Promise<void>): void {
    const slot = Symbol(lane);
    this.#held.set(slot, lane);
    const release = () => {
      if (this.#held.delete(slot)) this.#wake();
    };
    const running: Promise<void> = work(release)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        release();
        this.#work.delete(running);
        this.#wake();
      });
    this.#work.add(running);
  }

  /** Work that goes on without a slot: results that are being delivered. */
  get undelivered(): number {
    return this.#work.size - this.#held.size;
  }

  /** Resolves at the next change: a slot is free, or work has ended. */
  async change(): Promise<void> {
    await this.#changed.promise;
  }

  /** Resolves once all work has ended, however it ended. */
  async idle(): Promise<void> {
    while (this.#work.size > 0) await Promise.all(this.#work);
  }

  /** Throws what work threw. */
  throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}
