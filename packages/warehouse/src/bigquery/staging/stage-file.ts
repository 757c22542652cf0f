import { createReadStream, createWriteStream } from 'node:fs';
import type { WriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { once } from 'node:events';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { onDisk } from '@traffic-events/client';

/** Small, so that lines are gone before the collector takes them for long-lived. */
const BUFFER_CHARACTERS = 32 * 1024;

/** Lines on their way to a load job, kept on disk: memory stays flat, and a lost upload can begin anew. */
export class StageFile {
  readonly path: string;
  readonly #output: WriteStream;
  #buffered = '';
  #rows = 0;
  #failure: Error | undefined;

  constructor(path: string) {
    this.path = path;
    this.#output = createWriteStream(path, { mode: 0o600 });
    this.#output.on('error', (error) => {
      this.#failure ??= error;
    });
  }

  get rows(): number {
    return this.#rows;
  }

  /** Adds a line that ends in a newline. Answers a promise when the disk has to catch up. */
  add(line: string): Promise<void> | undefined {
    this.#buffered += line;
    this.#rows += 1;
    if (this.#buffered.length < BUFFER_CHARACTERS) return undefined;
    return onDisk(this.#place, () => this.#write());
  }

  /** Ends the writing; the rows can be read from then on. */
  finish(): Promise<void> {
    return onDisk(this.#place, () => this.#finish());
  }

  async #finish(): Promise<void> {
    await this.#write();
    if (!this.#output.writableFinished) {
      this.#output.end();
      await once(this.#output, 'close');
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  open(): Readable {
    return createReadStream(this.path, { highWaterMark: BUFFER_CHARACTERS });
  }

  async remove(): Promise<void> {
    this.#output.destroy();
    await rm(this.path, { force: true });
  }

  get #place() {
    return {
      folder: dirname(this.path),
      purpose: 'rows until they are loaded',
      cure: 'Make room there, or set TMPDIR to another folder, and run again.',
    };
  }

  async #write(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#buffered === '') return;
    const bytes = Buffer.from(this.#buffered);
    this.#buffered = '';
    // Rejects when the disk fails.
    if (!this.#output.write(bytes)) await once(this.#output, 'drain');
  }
}
