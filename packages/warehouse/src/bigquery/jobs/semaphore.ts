/** Lets pieces of work wait for each other, in the order in which they came: `width` at a time. */
export class Semaphore {
  readonly #width: number;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(width = 1) {
    this.#width = width;
  }

  /** Whether anybody would have to wait. */
  get isBusy(): boolean {
    return this.#taken >= this.#width;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#taken < this.#width) this.#taken += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#taken -= 1;
      else next();
    }
  }
}
