import type { Clock } from '@traffic-events/client';
import type { RecordMessage, SchemaMessage } from '@traffic-events/singer';
import { DeadLetters } from '../../messages/dead-letters.ts';
import { MessageOrderError, RecordError, StreamSchemaError } from '../../errors.ts';
import type { LoadRules } from '../../messages/load-rules.ts';
import type { Fields, RecordFields } from '../../messages/record-fields.ts';
import { metadataColumns } from '../../tables/metadata-columns.ts';
import type { LoadTimes, MetadataColumn } from '../../tables/metadata-columns.ts';
import { defineStream } from '../../tables/stream-definition.ts';
import type { StreamDefinition } from '../../tables/stream-definition.ts';
import type { AccountMessages } from './account-messages.ts';
import { recordRows } from './record-rows.ts';
import type { PreparedTable } from '../tables/stream-tables.ts';
import { TableLoad } from './table-load.ts';
import type { TableLoadOptions } from './table-load.ts';
import type { TableLoads } from './table-loads.ts';
import { derived, POSTGRES_NAMES } from '../tables/table-sql.ts';

interface StreamRecordsOptions extends TableLoadOptions {
  readonly loads: TableLoads;
  readonly accounts: AccountMessages;
  readonly rules: LoadRules;
  readonly clock: Clock;
}

interface DescribedStream {
  readonly definition: StreamDefinition;
  readonly rows: RecordFields;
}

type Record_ = Pick<RecordMessage, 'stream' | 'record' | 'version' | 'time_extracted'>;

/** Takes the streams as they are described, and each record to where its stream belongs. */
export class StreamRecords {
  readonly #options: StreamRecordsOptions;
  readonly #streams = new Map<string, DescribedStream>();
  readonly #deadLetters: DeadLetters | undefined;
  readonly #startedMs: number;
  #times: LoadTimes;

  constructor(options: StreamRecordsOptions) {
    this.#options = options;
    const { deadLetters } = options.rules;
    this.#deadLetters = deadLetters === undefined ? undefined : new DeadLetters(deadLetters);
    this.#startedMs = options.clock.now();
    this.#times = {
      syncStartedMs: this.#startedMs,
      batchedMs: this.#startedMs,
      receivedMs: this.#startedMs,
    };
  }

  /** Records that were put away instead of loaded. */
  get refused(): number {
    return this.#deadLetters?.count ?? 0;
  }

  /** To be called as a group of lines has arrived. */
  noteReceived(): void {
    this.#times = { ...this.#times, receivedMs: this.#options.clock.now() };
  }

  /** To be called as a batch of rows has been written. */
  noteDrained(): void {
    this.#times = { ...this.#times, batchedMs: this.#options.clock.now() };
  }

  async describe(message: SchemaMessage): Promise<void> {
    const { stream, schema, key_properties } = message;
    const { rules, accounts, loads } = this.#options;
    const definition = defineStream(
      { stream, schema, keyProperties: key_properties },
      { ...POSTGRES_NAMES, ...rules },
    );
    this.#refuseSharedTable(definition);
    await loads.write(stream);
    if (definition.method === 'slices' || definition.method === 'ledger') {
      const table = await this.#ensure(definition);
      this.#streams.set(stream, { definition, rows: recordRows(table, rules) });
      if (definition.method === 'slices') accounts.describe(table);
      return;
    }
    const isFirst = !this.#streams.has(stream);
    await this.#prepare(
      definition,
      metadataColumns(rules.hasRecordMetadata ? 'record' : 'none'),
      isFirst,
    );
  }

  rowsOf(stream: string): RecordFields | undefined {
    const described = this.#streams.get(stream);
    return described?.definition.method === 'ledger' ? undefined : described?.rows;
  }

  /** A record that had to be parsed. */
  async add(message: Record_): Promise<boolean> {
    const { stream, record, version } = message;
    const { definition } = this.#described(stream);
    if (definition.method === 'ledger') {
      this.#options.accounts.addLedgerRow(stream, record);
      return false;
    }
    if (version !== undefined && definition.method !== 'slices') await this.#ensureVersions(stream);
    const { rows } = this.#described(stream);
    const envelope = { timeExtracted: message.time_extracted, version };
    try {
      const fields = rows.of(record, envelope, this.#times);
      const added = this.addFields(stream, fields);
      return typeof added === 'boolean' ? added : await added.then(() => false);
    } catch (error) {
      const isRefused = error instanceof RecordError && definition.method !== 'slices';
      if (!isRefused || this.#deadLetters === undefined) throw error;
      await this.#deadLetters.add(error, record);
      return false;
    }
  }

  /** A row. Answers whether enough waits to be written, or a promise when there is one to wait for. */
  addFields(stream: string, fields: Fields): Promise<void> | boolean {
    const load = this.#options.loads.get(stream);
    if (load === undefined) return this.#options.accounts.addRow(stream, fields) ?? false;
    const [rows, characters] = [load.pendingRows, load.pendingCharacters];
    load.add(fields);
    return this.#options.loads.noteAdded(
      load.pendingRows - rows,
      load.pendingCharacters - characters,
    );
  }

  async activate(stream: string, version: number): Promise<void> {
    const { definition } = this.#described(stream);
    const { loads, rules, clock } = this.#options;
    if (definition.method === 'slices' || definition.method === 'ledger') {
      throw new StreamSchemaError(
        stream,
        'ACTIVATE_VERSION is refused: it would delete what the API no longer has. Slices are replaced one by one.',
      );
    }
    await this.#ensureVersions(stream);
    const deletion = rules.isHardDelete ? 'hard' : { markedAt: new Date(clock.now()) };
    await loads.write(stream, (load) => load.activate(version, deletion));
  }

  async #ensureVersions(stream: string): Promise<void> {
    const load = this.#options.loads.get(stream);
    if (load === undefined || load.table.metadata.length > 0) return;
    await this.#options.loads.write(stream);
    await this.#prepare(this.#described(stream).definition, metadataColumns('version'), false);
  }

  /** Makes the table that a stream's rows go to: its own, or one that takes its place at the end. */
  async #prepare(
    definition: StreamDefinition,
    metadata: readonly MetadataColumn[],
    isFirst: boolean,
  ): Promise<void> {
    const { loads, rules } = this.#options;
    const target = await this.#ensure(definition, metadata);
    const isReplaced = definition.method === 'overwrite';
    const destination = isReplaced ? await this.#stageOf(target, isFirst) : target;
    const rows = recordRows(destination, rules);
    loads.describe(
      new TableLoad(this.#options, destination, rows),
      isReplaced ? target : undefined,
    );
    this.#streams.set(definition.stream, { definition, rows });
  }

  async #stageOf(target: PreparedTable, isFirst: boolean): Promise<PreparedTable> {
    const { session } = this.#options;
    const { definition, metadata } = target;
    const stage: StreamDefinition = {
      ...definition,
      table: derived(definition.table, 'next'),
      method: definition.keyProperties.length > 0 ? 'upsert' : 'append',
    };
    if (isFirst) await session.tables.drop({ ...target, definition: stage });
    return this.#ensure(stage, metadata);
  }

  #ensure(
    definition: StreamDefinition,
    metadata: readonly MetadataColumn[] = [],
  ): Promise<PreparedTable> {
    const { session } = this.#options;
    return session.redo(() => session.tables.ensure(definition, metadata));
  }

  #described(stream: string): DescribedStream {
    const described = this.#streams.get(stream);
    if (described !== undefined) return described;
    throw new MessageOrderError(
      `A record of stream ${stream} came before its SCHEMA. Have the tap send the schema first.`,
    );
  }

  /** Two streams whose names become one table would mix their rows. */
  #refuseSharedTable({ stream, schema, table }: StreamDefinition): void {
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
