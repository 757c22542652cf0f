import type { Writable } from 'node:stream';
import { OutputClosedError, OutputStalledError } from './errors.ts';
import type { Message } from './message.ts';

const FLUSH_CHARACTERS = 64 * 1024;

/**
 * Writes messages, a line each. Every call resolves when the reader keeps up, so whoever awaits it
 * never fills memory. Rejects with `OutputClosedError` once the reader has gone.
 */
export class MessageWriter {
  readonly #output: Writable;
  readonly #signal: AbortSignal | undefined;
  #buffered = '';
  #failure: OutputClosedError | OutputStalledError | undefined;

  /** From `signal` on no reader is waited for: what does is rejected with OutputStalledError. */
  constructor(options: { readonly output: Writable; readonly signal?: AbortSignal }) {
    this.#output = options.output;
    this.#signal = options.signal;
    this.#output.on('error', (error) => {
      this.#failure ??= new OutputClosedError(error);
    });
  }

  /** Writes one message. A STATE, or a SCHEMA, is on its way when this resolves. */
  async write(message: Message): Promise<void> {
    this.#buffered += `${JSON.stringify(message)}\n`;
    if (message.type !== 'RECORD' || this.#buffered.length >= FLUSH_CHARACTERS) await this.flush();
  }

  /** Writes a line that is serialised already: a target prints the bare value of a state. */
  async writeLine(line: string): Promise<void> {
    this.#buffered += `${line}\n`;
    await this.flush();
  }

  /**
   * Writes a RECORD for each of `bodies`, which are JSON objects already serialised (see
   * `RecordEncoder`): the hot path, where nothing is parsed or checked again.
   */
  async writeRecordBodies(stream: string, bodies: Iterable<string>): Promise<void> {
    const prefix = `{"type":"RECORD","stream":${JSON.stringify(stream)},"record":`;
    for (const body of bodies) {
      this.#buffered += `${prefix}${body}}\n`;
      if (this.#buffered.length >= FLUSH_CHARACTERS) await this.flush();
    }
  }

  /** Resolves once everything written has been handed on and the reader keeps up. */
  async flush(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#buffered === '') return;
    const text = this.#buffered;
    this.#buffered = '';
    if (!this.#output.write(text)) await this.#drained();
  }

  /** Resolves once every byte has left the process; the output stays open. */
  async close(): Promise<void> {
    await this.flush();
    await new Promise<void>((resolve, reject) => {
      const forget = this.#onStall(reject);
      this.#output.write('', (error) => {
        forget();
        if (error) reject(new OutputClosedError(error));
        else resolve();
      });
    });
  }

  #drained(): Promise<void> {
    const output = this.#output;
    return new Promise((resolve, reject) => {
      const settle = () => {
        output.off('drain', settle).off('close', settle).off('error', settle);
        forget();
        if (this.#failure !== undefined) reject(this.#failure);
        else if (output.destroyed) reject(new OutputClosedError());
        else resolve();
      };
      const forget = this.#onStall(settle);
      output.on('drain', settle).on('close', settle).on('error', settle);
    });
  }

  /** Calls back once no reader is waited for any more; the answer ends that. */
  #onStall(stalled: (failure: Error) => void): () => void {
    const onAbort = () => {
      this.#failure ??= new OutputStalledError();
      stalled(this.#failure);
    };
    if (this.#signal?.aborted === true) queueMicrotask(onAbort);
    this.#signal?.addEventListener('abort', onAbort, { once: true });
    return () => this.#signal?.removeEventListener('abort', onAbort);
  }
}
