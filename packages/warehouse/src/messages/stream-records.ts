import type { Clock } from '@traffic-events/client';
import type { JsonSchema, RecordMessage, SchemaMessage } from '@traffic-events/singer';
import type { LoadDriver, SliceWriter, StreamTable, TableWriter } from '../driver.ts';
import { MessageOrderError, RecordError, StreamSchemaError } from '../errors.ts';
import type { DataRefusedError } from '../errors.ts';
import { SliceExecutionReader } from '../slices/slice-execution.ts';
import { metadataColumns, VERSION_COLUMN } from '../tables/metadata-columns.ts';
import type { LoadTimes, MetadataColumn } from '../tables/metadata-columns.ts';
import type { Logger } from '@traffic-events/client';
import { isGuarded } from '../tables/prepared-table.ts';
import { defineTable } from '../tables/table-definition.ts';
import type { TableDefinition } from '../tables/table-definition.ts';
import { DeadLetterLimitError, DeadLetters } from './dead-letters.ts';
import { resolveSchema, uncheckedPatterns } from './stream-schema.ts';
import type { LoadRules } from './load-rules.ts';
import type { Fields } from './record-fields.ts';
import type { Waiting } from './waiting.ts';

interface StreamRecordsOptions<Rows extends TableWriter> {
  readonly driver: LoadDriver<SliceWriter, Rows>;
  readonly rules: LoadRules;
  readonly waiting: Waiting;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A stream as it was described. */
export interface DescribedStream<Rows extends TableWriter> extends StreamTable {
  readonly definition: TableDefinition;
  /** Absent where the stream's records are not of slices. */
  readonly executions: SliceExecutionReader | undefined;
  /** Absent for slices and the ledger. */
  readonly rows: Rows | undefined;
}

interface AnyRecord extends Omit<RecordMessage, 'type'> {
  /** Where it stands in a file, of which nothing is told. */
  readonly place?: string;
}

/** Takes the streams as they are described, and turns their records into fields. */
export class StreamRecords<Rows extends TableWriter> {
  readonly #options: StreamRecordsOptions<Rows>;
  readonly #streams = new Map<string, DescribedStream<Rows>>();
  /** What the last SCHEMA of each stream said. */
  readonly #said = new Map<string, string>();
  /** Streams of which records without a version have come. */
  readonly #unversioned = new Set<string>();
  readonly #deadLetters: DeadLetters | undefined;
  #times: LoadTimes;

  constructor(options: StreamRecordsOptions<Rows>) {
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

  /** Tables of which rows wait. */
  get waiting(): Rows[] {
    return [...this.#streams.values()].flatMap(({ rows }) =>
      rows === undefined || rows.rows === 0 ? [] : [rows],
    );
  }

  /** Whether states have to wait for the end, because a table is replaced only then. */
  get isHeldToEnd(): boolean {
    return [...this.#streams.values()].some(({ definition }) => definition.method === 'overwrite');
  }

  /** To be called as a group of lines has arrived. */
  noteReceived(): void {
    this.#times = { ...this.#times, receivedMs: this.#options.clock.now() };
  }

  /** To be called as a batch of rows has been committed. */
  noteDrained(): void {
    this.#times = { ...this.#times, batchedMs: this.#options.clock.now() };
  }

  /** Whether a SCHEMA says what the last one of its stream has said. */
  isKnown(message: SchemaMessage): boolean {
    return this.#said.get(message.stream) === wordsOf(message);
  }

  /** Makes ready for a stream's records. Rows that wait of it must have been committed. */
  async describe(message: SchemaMessage): Promise<DescribedStream<Rows>> {
    const { stream, schema, key_properties } = message;
    const { rules, driver } = this.#options;
    const { names, hasSchemas } = driver.capabilities;
    const resolved = resolveSchema(stream, schema);
    const defined = defineTable(
      { stream, schema: resolved, keyProperties: key_properties },
      { ...names, ...rules, isSchemaInName: hasSchemas && rules.isSchemaInName },
    );
    const before = this.find(stream)?.definition;
    const isGathered = defined.method === 'overwrite' && before !== undefined;
    const definition = isGathered ? withColumnsOf(defined, before) : defined;
    this.#refuseSharedTable(definition);
    const described = await this.#prepare(
      definition,
      metadataColumns(rules.hasRecordMetadata ? 'record' : 'none'),
    );
    this.#said.set(stream, wordsOf(message));
    if (rules.isValidated) this.#tellUnchecked(stream, resolved);
    return described;
  }

  find(stream: string): DescribedStream<Rows> | undefined {
    return this.#streams.get(stream);
  }

  /** `what` of the stream has come. */
  described(stream: string, what = 'A record'): DescribedStream<Rows> {
    const described = this.#streams.get(stream);
    if (described !== undefined) return described;
    throw new MessageOrderError(
      `${what} of stream ${stream} came before its SCHEMA. Have the tap send the schema first.`,
    );
  }

  /** A record that had to be parsed, as fields; undefined when it was put away. */
  async read(message: AnyRecord): Promise<Fields | undefined> {
    const { stream, record, version, fault, time_extracted: timeExtracted } = message;
    const { fields, executions } = this.described(stream);
    try {
      if (fault !== undefined) throw fields.errorOf(record, fault);
      const row = fields.of(record, { timeExtracted, version }, this.#times);
      const isOfSlice = executions !== undefined;
      if (!isOfSlice && !fields.isVersioned(record, version)) this.#unversioned.add(stream);
      return row;
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      const told = message.place === undefined ? error : withoutValues(error, message.place);
      if (executions !== undefined || this.#deadLetters === undefined) throw told;
      await this.#deadLetters.add(told, fault === undefined ? { record } : { line: fault.line });
      return undefined;
    }
  }

  /**
   * Puts a row away that the warehouse has refused. Answers the error that ends the load, where it
   * cannot be put away.
   */
  async putAway(
    stream: string,
    row: Fields,
    { column, isOfKey, message }: DataRefusedError,
  ): Promise<Error | undefined> {
    const { fields, definition } = this.described(stream);
    const record = fields.recordOf(row, (field) => this.#options.driver.capabilities.textOf(field));
    const isOfOwnKey = isOfKey && isLongKey(definition.keyProperties.map((key) => record[key]));
    const keys = isOfOwnKey ? definition.keyProperties.join(', ') : undefined;
    const property = fields.propertyOf(column) ?? keys;
    const error = fields.errorOf(record, { property, problem: `was refused: ${message}` });
    if (this.#deadLetters === undefined) return error;
    try {
      await this.#deadLetters.add(error, { record });
      return undefined;
    } catch (failure) {
      if (failure instanceof DeadLetterLimitError) return failure;
      throw failure;
    }
  }

  /** Whether rows of a stream have come that no version tells from those of runs before. */
  hasUnversioned(stream: string): boolean {
    return this.#unversioned.has(stream);
  }

  /** Whether a stream's table lacks the columns that versions need. */
  lacksVersions(stream: string): boolean {
    const { definition, table } = this.described(stream);
    const columns = [...definition.columns, ...table.metadata];
    return !isGuarded(definition) && columns.every(({ name }) => name !== VERSION_COLUMN);
  }

  /** Gives a stream's table the columns that versions need. Rows that wait of it must have been committed. */
  async addVersions(stream: string): Promise<void> {
    const { definition } = this.described(stream);
    await this.#prepare(definition, metadataColumns('version'));
  }

  #tellUnchecked(stream: string, schema: JsonSchema): void {
    for (const unchecked of uncheckedPatterns(schema)) {
      this.#options.logger.warn({ stream, ...unchecked }, 'pattern.unchecked');
    }
  }

  async #prepare(
    definition: TableDefinition,
    metadata: readonly MetadataColumn[],
  ): Promise<DescribedStream<Rows>> {
    const { driver, rules, waiting } = this.#options;
    const { stream, method } = definition;
    const table = await driver.ensure(definition, metadata);
    const fields = driver.fieldsOf(table, rules);
    const textOf = (field: string) => driver.capabilities.textOf(field);
    const described: DescribedStream<Rows> = {
      definition,
      table,
      fields,
      executions:
        method === 'slices' ? new SliceExecutionReader(stream, fields, textOf) : undefined,
      rows: isGuarded(definition) ? undefined : driver.tableWriter({ table, fields }, waiting),
    };
    this.#streams.set(stream, described);
    return described;
  }

  /** Two streams whose names become one table would mix their rows. */
  #refuseSharedTable({ stream, schema, table }: TableDefinition): void {
    for (const { definition } of this.#streams.values()) {
      const isShared = definition.table === table && definition.schema === schema;
      if (!isShared || definition.stream === stream) continue;
      throw new StreamSchemaError(
        stream,
        `its table would be ${table}, which stream ${definition.stream} has already. Rename one of them in the tap, or keep the case of names.`,
      );
    }
  }
}

/** A row of any index holds as much; it may be one that somebody made over other columns. */
const SHORT_KEY_BYTES = 2000;

function isLongKey(values: readonly unknown[]): boolean {
  return Buffer.byteLength(JSON.stringify(values)) > SHORT_KEY_BYTES;
}

/** Rows that came before keep what they hold in columns that are no longer described. */
function withColumnsOf(definition: TableDefinition, before: TableDefinition): TableDefinition {
  const described = new Set(definition.columns.map(({ property }) => property));
  const gone = before.columns.filter(({ property }) => !described.has(property));
  return {
    ...definition,
    columns: [
      ...definition.columns,
      ...gone.map((column) => ({ ...column, isRequired: false, isNullable: true })),
    ],
  };
}

/** A tap chooses which file is read, and what is asked of it. */
function withoutValues({ stream, property }: RecordError, place: string): RecordError {
  const problem = 'is not as its schema, or the column that it goes to, allows.';
  return new RecordError(problem, { stream, property, place });
}

/** In one order of names: taps may list the same properties in any. */
function wordsOf({ schema, key_properties }: SchemaMessage): string {
  return JSON.stringify([schema, key_properties], (_, value: unknown) =>
    isObject(value) ? Object.fromEntries(Object.entries(value).sort(byName)) : value,
  );
}

function byName([left]: [string, unknown], [right]: [string, unknown]): number {
  return left < right ? -1 : 1;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
