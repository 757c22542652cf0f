import type { Clock } from '@traffic-events/client';
import type { RecordMessage, SchemaMessage } from '@traffic-events/singer';
import { DeadLetters } from '../../messages/dead-letters.ts';
import { MessageOrderError, RecordError, StreamSchemaError } from '../../errors.ts';
import type { LoadRules } from '../../messages/load-rules.ts';
import { metadataColumns } from '../../tables/metadata-columns.ts';
import type { LoadTimes, MetadataColumn } from '../../tables/metadata-columns.ts';
import type { Fields, RecordFields } from '../../messages/record-fields.ts';
import { defineStream } from '../../tables/stream-definition.ts';
import type { StreamDefinition } from '../../tables/stream-definition.ts';
import { BIGQUERY_NAMES } from '../tables/names.ts';
import { RecordLines } from './record-lines.ts';
import { SliceNamesReader } from './slice-names.ts';
import type { SliceNames } from './slice-names.ts';
import type { StageFile } from './stage-file.ts';
import type { StageFiles } from './stage-files.ts';
import type { StreamTables } from '../tables/stream-tables.ts';
import type { PreparedTable } from '../tables/table-resources.ts';

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
  /** Absent where the stream's records are not of slices. */
  readonly sliceNames: SliceNamesReader | undefined;
  readonly description: string | undefined;
  /** Undefined while nothing waits. */
  file: StageFile | undefined;
}

/** What adding a row has come to. */
interface Added {
  readonly bytes: number;
  /** Absent when there is nothing to wait for. */
  readonly written: Promise<void> | undefined;
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

  /** What lines of a stream can be read by without parsing them; none for the ledger. */
  fieldsOf(stream: string): RecordFields | undefined {
    const { table, lines } = this.described(stream);
    return table.definition.method === 'ledger' ? undefined : lines.fields;
  }

  /** The slice that a row is of; undefined for other streams. */
  sliceOf(stream: string, fields: Fields): SliceNames | undefined {
    return this.described(stream).sliceNames?.of(fields);
  }

  /** A record that had to be parsed, as fields; undefined when it was put away. */
  async read(message: AnyRecord): Promise<Fields | undefined> {
    const { stream, record, version, time_extracted: timeExtracted } = message;
    const { lines, sliceNames } = this.described(stream);
    try {
      return lines.fields.of(record, { timeExtracted, version }, this.#times);
    } catch (error) {
      const isRefused = error instanceof RecordError && sliceNames === undefined;
      if (!isRefused || this.#deadLetters === undefined) throw error;
      await this.#deadLetters.add(error, record);
      return undefined;
    }
  }

  /** Adds a row to those that wait. */
  add(stream: string, fields: Fields): Added {
    const staged = this.described(stream);
    this.#order += 1;
    const line = staged.lines.line(fields, this.#order);
    staged.file ??= this.#options.files.next();
    return { bytes: line.length, written: staged.file.add(line) };
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
    const { stream, method } = definition;
    const sliceNames = method === 'slices' ? new SliceNamesReader(stream, lines.fields) : undefined;
    this.#streams.set(stream, { table, lines, sliceNames, description, file: undefined });
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
