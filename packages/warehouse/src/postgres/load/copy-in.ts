import type { Writable } from 'node:stream';
import type { CopyStreamQuery } from 'pg-copy-streams';

/** A COPY FROM STDIN under way. Nothing else can be sent over its connection until it ends. */
export class CopyIn {
  readonly #stream: CopyStreamQuery;
  readonly #socket: Writable;
  readonly #ended: Promise<void>;
  #failure: Error | undefined;
  #isOpen = true;

  /** `explain` turns an error of the stream into one that can be thrown on. */
  constructor(
    stream: CopyStreamQuery,
    { socket, explain }: { socket: Writable; explain: (error: unknown) => Error },
  ) {
    this.#stream = stream;
    this.#socket = socket;
    this.#ended = new Promise((resolve) => {
      stream.once('finish', resolve);
      stream.once('error', (error) => {
        this.#failure = explain(error);
        this.#isOpen = false;
        resolve();
      });
      stream.once('close', resolve);
    });
  }

  /** Resolves once nothing of it is under way. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** Whether more can come, and nothing else can be sent. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether all bytes given so far have left this process, so that their memory may be used again. */
  get isSent(): boolean {
    return this.#stream.writableLength === 0 && this.#socket.writableLength === 0;
  }

  /** Hands bytes on; resolves when the server keeps up. */
  async write(bytes: Buffer): Promise<void> {
    this.#throwFailure();
    if (!this.#stream.write(bytes)) await this.#drained();
  }

  /** Ends the COPY. Resolves to the number of rows that the server took. */
  async finish(): Promise<number> {
    this.#throwFailure();
    this.#isOpen = false;
    this.#stream.end();
    await this.#ended;
    this.#throwFailure();
    return this.#stream.rowCount;
  }

  /** Ends the COPY so that it fails; the transaction can then only be rolled back. */
  async abandon(): Promise<void> {
    this.#isOpen = false;
    if (this.#failure === undefined) this.#stream.destroy(new Error('abandoned by the loader'));
    await this.#ended;
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #drained(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#stream.once('drain', resolve);
    await Promise.race([promise, this.#ended]);
    this.#stream.off('drain', resolve);
    this.#throwFailure();
  }
}
