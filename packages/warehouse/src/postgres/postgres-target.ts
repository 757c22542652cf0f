import { parseMessage, readLines } from '@traffic-events/singer';
import type {
  Message,
  RecordMessage,
  SchemaMessage,
  StateMessage,
  UnknownMessage,
} from '@traffic-events/singer';
import { MessageOrderError, StreamSchemaError } from '../errors.ts';
import { silentLogger } from '../logger.ts';
import type { Logger } from '../logger.ts';
import { defineStream } from '../stream-definition.ts';
import type { LoadMethod } from '../stream-definition.ts';
import { AccountMessages } from './account-messages.ts';
import type { PostgresSinkOptions } from './postgres-sink.ts';
import { TableLoads } from './table-loads.ts';
import { POSTGRES_NAMES } from './table-sql.ts';
import { DEFAULT_SCHEMA, WarehouseSession } from './warehouse-session.ts';

export interface PostgresTargetOptions extends PostgresSinkOptions {
  /** Passes the value of a STATE on; called only after everything before it is committed. */
  readonly emitState: (value: unknown) => Promise<void>;
  /** Longest message accepted, in bytes. */
  readonly maxLineBytes?: number | undefined;
}

/** Loads Singer messages into PostgreSQL. */
export class PostgresTarget {
  readonly #options: PostgresTargetOptions;
  readonly #logger: Logger;
  readonly #session: WarehouseSession;
  readonly #accounts: AccountMessages;
  readonly #tables: TableLoads;
  readonly #methods = new Map<string, LoadMethod>();
  #pendingState: StateMessage | undefined;
  #messages = 0;

  private constructor(options: PostgresTargetOptions, session: WarehouseSession) {
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
    this.#session = session;
    this.#accounts = new AccountMessages({ session, logger: this.#logger });
    this.#tables = new TableLoads({
      connection: session.data,
      statements: session.sliceOptions.statements,
      schema: options.schema ?? DEFAULT_SCHEMA,
    });
  }

  /** Reads messages until their end, and loads them. What a passed-on state covers is committed. */
  static async load(
    source: AsyncIterable<Uint8Array>,
    options: PostgresTargetOptions,
  ): Promise<void> {
    const session = await WarehouseSession.open(options);
    const target = new PostgresTarget(options, session);
    try {
      await target.#loadAll(source);
    } finally {
      await target.#accounts.abandon();
      await session.close();
    }
  }

  async #loadAll(source: AsyncIterable<Uint8Array>): Promise<void> {
    const { maxLineBytes } = this.#options;
    const lines = readLines(source, maxLineBytes === undefined ? {} : { maxLineBytes });
    for await (const group of lines) {
      for (const line of group) await this.#take(parseMessage(line));
      if (this.#tables.isDrainDue) await this.#drain();
      this.#options.signal?.throwIfAborted();
    }
    await this.#drain();
  }

  async #take(message: Message | UnknownMessage): Promise<void> {
    this.#messages += 1;
    switch (message.type) {
      case 'RECORD':
        await this.#record(message);
        return;
      case 'STATE':
        await this.#state(message);
        return;
      case 'SCHEMA':
        await this.#schema(message);
        return;
      case 'UNKNOWN':
        this.#logger.warn({ type: message.name }, 'message.unknown');
        return;
      default:
        throw new MessageOrderError(
          `${message.type} messages are not loaded. Have the tap send RECORD messages.`,
        );
    }
  }

  async #schema(message: SchemaMessage): Promise<void> {
    const { stream, schema, key_properties } = message;
    const definition = defineStream(
      { stream, schema, keyProperties: key_properties },
      { ...POSTGRES_NAMES, numberMode: 'numeric' },
    );
    await this.#tables.write(stream);
    const table = await this.#session.tables.ensure(definition);
    this.#methods.set(stream, definition.method);
    if (definition.method === 'slices') this.#accounts.describe(table);
    else if (definition.method !== 'ledger') this.#tables.describe(table);
  }

  async #record({ stream, record }: RecordMessage): Promise<void> {
    switch (this.#methods.get(stream)) {
      case undefined:
        throw new MessageOrderError(
          `A record of stream ${stream} came before its SCHEMA. Have the tap send the schema first.`,
        );
      case 'slices':
        await this.#accounts.addRecord(stream, record);
        return;
      case 'ledger':
        this.#accounts.addLedgerRow(stream, record);
        return;
      case 'overwrite':
        throw new StreamSchemaError(stream, 'it cannot be overwritten.');
      default:
        this.#tables.add(stream, record);
    }
  }

  async #state(message: StateMessage): Promise<void> {
    const isFirst = this.#messages === 1;
    if (isFirst) await this.#accounts.gate(message.value);
    else if (this.#accounts.concerns(message.value)) {
      await this.#drain();
      await this.#accounts.commit(message.value);
    } else {
      this.#pendingState = message;
      return;
    }
    await this.#options.emitState(message.value);
  }

  /** Commits what waits, then passes on the newest state. */
  async #drain(): Promise<void> {
    await this.#tables.writeAll();
    const state = this.#pendingState;
    this.#pendingState = undefined;
    if (state !== undefined) await this.#options.emitState(state.value);
  }
}
