/** Less than this within a whole window is no download: 16 KiB a minute, unless set otherwise. */
const MIN_WINDOW_BYTES = 16_384;

/** Bytes came, but so few that they would never end. */
export class TooSlow extends Error {}

/** Watches that bytes keep coming, in real time: a peer that sends one now and then is not silent. */
export class Pace implements Disposable {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #windowBytes = 0;

  constructor(windowMs: number) {
    this.#timer = setInterval(() => {
      if (this.#windowBytes < MIN_WINDOW_BYTES) {
        const seconds = windowMs / 1_000;
        this.#controller.abort(
          new TooSlow(`storage sent ${this.#windowBytes} bytes in ${seconds} s, too few to go on`),
        );
      }
      this.#windowBytes = 0;
    }, windowMs);
    this.#timer.unref();
  }

  /** Aborted, with TooSlow as its reason, once too few bytes have come. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  count(bytes: number): void {
    this.#windowBytes += bytes;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
