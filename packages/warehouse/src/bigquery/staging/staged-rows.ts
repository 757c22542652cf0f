import { Readable } from 'node:stream';
import { readLines } from '@traffic-events/singer';
import type { SliceWriter, StreamTable, TableWriter } from '../../driver.ts';
import type { Fields, RecordFields } from '../../messages/record-fields.ts';
import type { Waiting } from '../../messages/waiting.ts';
import type { PreparedTable } from '../../tables/prepared-table.ts';
import { RecordLines } from './record-lines.ts';
import type { StageFile } from './stage-file.ts';
import type { StageFiles } from './stage-files.ts';

interface StagedRowsOptions {
  readonly files: StageFiles;
  /** Grows with every record of the run. */
  readonly nextOrder: () => number;
  /** Where rows are counted that wait from the moment they come. */
  readonly waiting?: Waiting | undefined;
}

/** Rows of a slice, or of another table, on disk until they are committed. */
export class StagedRows implements SliceWriter, TableWriter {
  readonly table: PreparedTable;
  readonly #fields: RecordFields;
  readonly #lines: RecordLines;
  readonly #options: StagedRowsOptions;
  #file: StageFile | undefined;
  #characters = 0;

  constructor(stream: StreamTable, options: StagedRowsOptions) {
    this.table = stream.table;
    this.#fields = stream.fields;
    this.#lines = new RecordLines(stream);
    this.#options = options;
  }

  get rows(): number {
    return this.#file?.rows ?? 0;
  }

  get waitingBytes(): number {
    return this.#characters;
  }

  add(fields: Fields): Promise<void> | undefined {
    return this.#append(this.#lines.line(fields, this.#options.nextOrder()));
  }

  #append(line: string): Promise<void> | undefined {
    const { files, waiting } = this.#options;
    this.#file ??= files.next();
    this.#characters += line.length;
    waiting?.add(1, line.length);
    return this.#file.add(line);
  }

  async first(): Promise<Fields | undefined> {
    for await (const [line] of this.#read()) return line && this.#lines.fieldsOf(line.toString());
    return undefined;
  }

  /** Rows at [from, to), in a file of their own. */
  async part(from: number, to: number): Promise<StagedRows> {
    const part = new StagedRows({ table: this.table, fields: this.#fields }, this.#options);
    let at = 0;
    for await (const lines of this.#read()) {
      for (const line of lines) {
        if (at >= from && at < to) await part.#append(`${line.toString()}\n`);
        at += 1;
      }
    }
    return part;
  }

  async discard(): Promise<void> {
    await this.abandon();
  }

  /** Ends the writing; the rows can be read from then on. */
  async close(): Promise<void> {
    await this.#file?.finish();
  }

  /** Lines of its own making, of any length. */
  async *#read(): AsyncGenerator<readonly Buffer[]> {
    await this.close();
    yield* readLines(this.open(), { maxLineBytes: Infinity });
  }

  open(): Readable {
    return this.#file?.open() ?? Readable.from([]);
  }

  /** Lets go of rows that have been committed, or never will be. */
  async abandon(): Promise<void> {
    const file = this.#file;
    this.#options.waiting?.add(-this.rows, -this.#characters);
    this.#file = undefined;
    this.#characters = 0;
    await file?.remove();
  }
}

/** The rows of several, one after the other. */
export function openAll(staged: readonly StagedRows[]): Readable {
  const filled = staged.filter(({ rows }) => rows > 0);
  if (filled.length === 1) return (filled[0] as StagedRows).open();
  return Readable.from(chunksOf(filled), { objectMode: false });
}

async function* chunksOf(staged: readonly StagedRows[]): AsyncGenerator<Uint8Array> {
  for (const rows of staged) yield* rows.open() as AsyncIterable<Uint8Array>;
}
