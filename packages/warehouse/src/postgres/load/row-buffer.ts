const FLUSH_CHARACTERS = 64 * 1024;

/** Gathers rows in COPY's text format, and hands them on in pieces worth sending. */
export class RowBuffer {
  readonly #send: (bytes: Buffer) => Promise<void>;
  #text = '';

  constructor(send: (bytes: Buffer) => Promise<void>) {
    this.#send = send;
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
    await this.#send(bytes);
  }
}
