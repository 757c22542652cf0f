import type { Clock } from '@traffic-events/client';
import type { RecordMessage, SchemaMessage } from '@traffic-events/singer';
import { DeadLetters } from '../dead-letters.ts';
import { MessageOrderError, RecordError, StreamSchemaError } from '../errors.ts';
import type { LoadRules } from '../load-rules.ts';
import { metadataColumns } from '../metadata-columns.ts';
import type { LoadTimes, MetadataColumn } from '../metadata-columns.ts';
import { defineStream } from '../stream-definition.ts';
import type { StreamDefinition } from '../stream-definition.ts';
import { BIGQUERY_NAMES } from './names.ts';
import { RecordLines } from './record-lines.ts';
import type { StageFile } from './stage-file.ts';
import type { StageFiles } from './stage-files.ts';
import type { StreamTables } from './stream-tables.ts';
import type { PreparedTable } from './table-resources.ts';

interface StreamRecordsOptions {
  readonly tables: StreamTables;
  readonly files: StageFiles;
  readonly rules: LoadRules;
  readonly clock: Clock;
}

/** A stream as it was described, and its rows that wait. */
export interface StagedStream {
  readonly table: PreparedTable;
  readonly lines: RecordLines;
  readonly description: string | undefined;
  /** Undefined while nothing waits. */
  file: StageFile | undefined;
}

type AnyRecord = Pick<RecordMessage, 'stream' | 'record' | 'version' | 'time_extracted'>;

/** Takes the streams as they are described, and each record to the file that its stream waits in. */
export class StreamRecords {
  readonly #options: StreamRecordsOptions;
  readonly #streams = new Map<string, StagedStream>();
  readonly #deadLetters: DeadLetters | undefined;
  #times: LoadTimes;
  #order = 0;

  constructor(options: StreamRecordsOptions) {
    this.#options = options;
    const { deadLetters } = options.rules;
    this.#deadLetters = deadLetters === undefined ? undefined : new DeadLetters(deadLetters);
    const startedMs = options.clock.now();
    this.#times = { syncStartedMs: startedMs, batchedMs: startedMs, receivedMs: startedMs };
  }

  /** Records that were put away instead of loaded. */
  get refused(): number {
    return this.#deadLetters?.count ?? 0;
  }

  get all(): StagedStream[] {
    return [...this.#streams.values()];
  }

  /** Streams of which rows wait. */
  get waiting(): StagedStream[] {
    return this.all.filter(({ file }) => file !== undefined);
  }

  /** Whether rows of a stream wait. */
  isWaiting(stream: string): boolean {
    return this.#streams.get(stream)?.file !== undefined;
  }

  noteReceived(): void {
    this.#times = { ...this.#times, receivedMs: this.#options.clock.now() };
  }

  noteDrained(): void {
    this.#times = { ...this.#times, batchedMs: this.#options.clock.now() };
  }

  /** Makes ready for a stream's records. Rows that wait of it must have been committed. */
  async describe(message: SchemaMessage): Promise<void> {
    const { stream, schema, key_properties } = message;
    const { rules } = this.#options;
    const definition = defineStream(
      { stream, schema, keyProperties: key_properties },
      { ...BIGQUERY_NAMES, ...rules, isSchemaInName: false },
    );
    this.#refuseSharedTable(definition);
    const { description } = schema;
    await this.#prepare(
      definition,
      metadataColumns(rules.hasRecordMetadata ? 'record' : 'none'),
      typeof description === 'string' ? description : undefined,
    );
  }

  described(stream: string): StagedStream {
    const described = this.#streams.get(stream);
    if (described !== undefined) return described;
    throw new MessageOrderError(
      `A record of stream ${stream} came before its SCHEMA. Have the tap send the schema first.`,
    );
  }

  /** Adds a record. Answers how many bytes it added. */
  async add(message: AnyRecord): Promise<number> {
    const { stream, record, version, time_extracted: timeExtracted } = message;
    const staged = this.described(stream);
    const isSlices = staged.table.definition.method === 'slices';
    this.#order += 1;
    try {
      const line = staged.lines.line(record, this.#order, { timeExtracted, version }, this.#times);
      staged.file ??= this.#options.files.next();
      const written = staged.file.add(line);
      if (written !== undefined) await written;
      return line.length;
    } catch (error) {
      const isRefused = error instanceof RecordError && !isSlices;
      if (!isRefused || this.#deadLetters === undefined) throw error;
      await this.#deadLetters.add(error, record);
      return 0;
    }
  }

  /** Whether a stream's table already has the columns that versions need. */
  hasVersions(stream: string): boolean {
    return this.described(stream).table.metadata.length > 0;
  }

  /** Gives a stream's table the columns that versions need. Rows that wait of it must have been committed. */
  async addVersions(stream: string): Promise<void> {
    const { table, description } = this.described(stream);
    await this.#prepare(table.definition, metadataColumns('version'), description);
  }

  async #prepare(
    definition: StreamDefinition,
    metadata: readonly MetadataColumn[],
    description: string | undefined,
  ): Promise<void> {
    const { tables, rules } = this.#options;
    const table = await tables.ensure(definition, metadata, description);
    const lines = new RecordLines(table, rules);
    this.#streams.set(definition.stream, { table, lines, description, file: undefined });
  }

  /** Two streams whose names become one table would mix their rows. */
  #refuseSharedTable({ stream, table }: StreamDefinition): void {
    for (const { table: other } of this.#streams.values()) {
      const { definition } = other;
      if (definition.table !== table || definition.stream === stream) continue;
      throw new StreamSchemaError(
        stream,
        `its table would be ${table}, which stream ${definition.stream} has already. Rename one of them in the tap, or keep the case of names.`,
      );
    }
  }
}
