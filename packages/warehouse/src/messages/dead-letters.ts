import { appendFile } from 'node:fs/promises';
import { RecordError, WarehouseError } from '../errors.ts';

/** More records were refused than the dead-letter file may take. */
export class DeadLetterLimitError extends WarehouseError {
  override readonly name = 'DeadLetterLimitError';
  constructor(path: string, limit: number, cause: RecordError) {
    super(
      `More than ${limit} records were refused; the others are in ${path}. The last one: ${cause.message} Correct them at their source, or raise dead_letter_limit.`,
      { code: 'dead_letter_limit', action: 'fatal', cause },
    );
  }
}

/** What is refused is as private as what is loaded. */
const PRIVATE_MODE = 0o600;

/** A record, or the line that it came in where JSON cannot say what it holds. */
export type RefusedRecord =
  | { readonly record: Readonly<Record<string, unknown>> }
  | { readonly line: string };

/** Keeps records that were refused, a JSON object a line, with the reason. */
export class DeadLetters {
  readonly #path: string;
  readonly #limit: number;
  #count = 0;

  constructor({ path, limit }: { readonly path: string; readonly limit: number }) {
    this.#path = path;
    this.#limit = limit;
  }

  get count(): number {
    return this.#count;
  }

  /** Puts a record away. Throws `DeadLetterLimitError` when there are too many. */
  async add(error: RecordError, refused: RefusedRecord): Promise<void> {
    if (this.#count >= this.#limit) throw new DeadLetterLimitError(this.#path, this.#limit, error);
    this.#count += 1;
    const { stream, property, message } = error;
    const line = JSON.stringify({ stream, property, reason: message, ...refused });
    await appendFile(this.#path, `${line}\n`, { mode: PRIVATE_MODE });
  }
}
