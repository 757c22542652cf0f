import type { DrainLimits } from './load-rules.ts';

/** How much has been gathered since it was last committed. */
export class Waiting {
  readonly #limits: DrainLimits;
  #rows = 0;
  #bytes = 0;

  constructor(limits: DrainLimits) {
    this.#limits = limits;
  }

  get isFull(): boolean {
    return this.#rows >= this.#limits.maxRows || this.#bytes >= this.#limits.maxBytes;
  }

  /** Less than nothing for what has been committed. */
  add(rows: number, bytes: number): void {
    this.#rows += rows;
    this.#bytes += bytes;
  }
}
