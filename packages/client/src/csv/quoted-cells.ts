/**
 * How a quote inside a quoted cell is written. `doubled` is RFC 4180; `backslash` is what Spark
 * writes, where a backslash also escapes itself; doubled quotes are understood there too. `auto`
 * begins with `backslash` and changes over when a row makes sense only the other way.
 */
export type CsvEscape = 'auto' | 'backslash' | 'doubled';

const QUOTE = 34;
const BACKSLASH = 92;
const INCOMPLETE = -1;

/** Reads quoted cells of one file. */
export class QuotedCells {
  readonly #auto: boolean;
  #backslash: boolean;
  #text = '';
  /** Where the next backslash stands: most files have none, and looking costs. */
  #nextBackslash = -1;
  #ambiguous = false;
  #value = '';
  #used = false;

  constructor(escape: CsvEscape) {
    this.#auto = escape === 'auto';
    this.#backslash = escape !== 'doubled';
  }

  /** What the last cell held. */
  get value(): string {
    return this.#value;
  }

  /** Whether the row had a quoted cell. */
  get usedInRow(): boolean {
    return this.#used;
  }

  use(text: string): void {
    this.#text = text;
    this.#nextBackslash = -1;
  }

  beginRow(): void {
    this.#ambiguous = false;
    this.#used = false;
  }

  /** Changes over to the other way of escaping, if the row would read differently; true if so. */
  otherReading(): boolean {
    if (!this.#auto || !this.#ambiguous) return false;
    this.#backslash = !this.#backslash;
    this.#nextBackslash = -1;
    return true;
  }

  /** Reads the cell whose opening quote is at `at`; the index behind its closing quote, or -1. */
  read(at: number): number {
    this.#used = true;
    const text = this.#text;
    const close = text.indexOf('"', at + 1);
    if (close === INCOMPLETE) return INCOMPLETE;
    if (this.#backslashBefore(at, close) || text.charCodeAt(close + 1) === QUOTE) {
      return this.#readEscaped(at);
    }
    this.#value = text.slice(at + 1, close);
    return close + 1;
  }

  #backslashBefore(at: number, close: number): boolean {
    if (this.#nextBackslash <= at) {
      const found = this.#text.indexOf('\\', at + 1);
      this.#nextBackslash = found === -1 ? Number.POSITIVE_INFINITY : found;
    }
    return this.#nextBackslash < close;
  }

  #readEscaped(open: number): number {
    const text = this.#text;
    let value = '';
    let from = open + 1;
    for (let at = from; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      const next = text.charCodeAt(at + 1);
      if (code === BACKSLASH && (next === QUOTE || next === BACKSLASH)) {
        this.#ambiguous = true;
        if (!this.#backslash) continue;
      } else if (code !== QUOTE) {
        continue;
      } else if (next !== QUOTE) {
        this.#value = value + text.slice(from, at);
        return at + 1;
      }
      value += text.slice(from, at);
      at += 1;
      from = at;
    }
    return INCOMPLETE;
  }
}
