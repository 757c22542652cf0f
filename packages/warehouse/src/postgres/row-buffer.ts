import type { CopyIn } from './copy-in.ts';

const FLUSH_CHARACTERS = 64 * 1024;

/** Gathers rows in COPY's text format, and hands them on in pieces worth sending. */
export class RowBuffer {
  readonly #copy: CopyIn;
  #text = '';

  constructor(copy: CopyIn) {
    this.#copy = copy;
  }

  /** Adds a row that ends in a newline. True when `flush` is due. */
  add(row: string): boolean {
    this.#text += row;
    return this.#text.length >= FLUSH_CHARACTERS;
  }

  async flush(): Promise<void> {
    if (this.#text === '') return;
    const bytes = Buffer.from(this.#text, 'utf8');
    this.#text = '';
    await this.#copy.write(bytes);
  }
}
