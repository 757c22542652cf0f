/** What a slice that was delivered allows: a STATE of its own for states of a hundred accounts. */
const BYTES_A_SLICE = 80_000;
const BYTES_A_SECOND = 1_000;
/** Saved up at most, and there from the beginning: small states are written whenever they change. */
const MOST_BYTES = 32_000_000;

/**
 * How many bytes of states may be written. A state repeats what is known of every account, so that
 * writing it at each change would be most of what goes through the pipe: 8 GB a day for 200 accounts.
 */
export class StateAllowance {
  readonly #nowMs: () => number;
  #bytes = MOST_BYTES;
  #atMs: number;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
    this.#atMs = nowMs();
  }

  /** A slice, or ledger rows, have been written. */
  earn(): void {
    this.#add(BYTES_A_SLICE);
  }

  covers(bytes: number): boolean {
    return this.waitMs(bytes) === 0;
  }

  /** How long until so many bytes may be written although nothing else happens. */
  waitMs(bytes: number): number {
    const nowMs = this.#nowMs();
    this.#add(((nowMs - this.#atMs) * BYTES_A_SECOND) / 1000);
    this.#atMs = nowMs;
    // A state larger than what can be saved up is written once that has been.
    const missing = Math.min(bytes, MOST_BYTES) - this.#bytes;
    return Math.max(0, (missing * 1000) / BYTES_A_SECOND);
  }

  /** Also of what was not covered: what follows waits the longer. */
  spend(bytes: number): void {
    this.#bytes -= bytes;
  }

  #add(bytes: number): void {
    this.#bytes = Math.min(MOST_BYTES, this.#bytes + bytes);
  }
}
