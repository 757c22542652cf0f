import { Readable } from 'node:stream';
import type { SliceWriter, StreamTable, TableWriter } from '../../driver.ts';
import type { Fields } from '../../messages/record-fields.ts';
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
  readonly #lines: RecordLines;
  readonly #options: StagedRowsOptions;
  #file: StageFile | undefined;
  #characters = 0;

  constructor(stream: StreamTable, options: StagedRowsOptions) {
    this.table = stream.table;
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
    const { files, nextOrder, waiting } = this.#options;
    const line = this.#lines.line(fields, nextOrder());
    this.#file ??= files.next();
    this.#characters += line.length;
    waiting?.add(1, line.length);
    return this.#file.add(line);
  }

  /** Ends the writing; the rows can be read from then on. */
  async close(): Promise<void> {
    await this.#file?.finish();
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
