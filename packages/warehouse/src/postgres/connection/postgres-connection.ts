import type { CompiledQuery } from 'kysely';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { CopyIn } from '../load/copy-in.ts';
import { connectionParts } from './connection-parts.ts';
import type { ConnectionSettings } from './connection-settings.ts';
import { endClient, openClient } from './open-client.ts';
import type { OpenClient, OpenOptions } from './open-client.ts';
import { connectionLoss, statementFailure } from './postgres-errors.ts';
import type { Endpoint } from './postgres-errors.ts';
import { setUpSession } from './session-settings.ts';

/** The server's side of a connection: a process, told from others by when it started. */
export interface Backend {
  readonly pid: number;
  /** ISO 8601 with microseconds. */
  readonly startedAt: string;
}

/**
 * One connection. Statements run in the order in which they are given. Errors are ours and name
 * host and database, never the password.
 */
export class PostgresConnection {
  readonly endpoint: Endpoint;
  readonly backend: Backend;
  readonly #client: pg.Client;
  #loss: unknown;
  #copy: CopyIn | undefined;

  private constructor({ client, endpoint, server }: OpenClient) {
    this.#client = client;
    this.endpoint = endpoint;
    this.backend = server;
    this.#client.on('error', (error) => {
      this.#loss ??= error;
    });
  }

  static async open(
    settings: ConnectionSettings,
    options: OpenOptions = {},
  ): Promise<PostgresConnection> {
    const opened = await openClient(connectionParts(settings, process.env), options);
    const connection = new PostgresConnection(opened);
    await setUpSession(connection, settings);
    return connection;
  }

  /** Whether the connection is gone; what was not committed is then lost. */
  get isLost(): boolean {
    return this.#loss !== undefined;
  }

  /** Rows of a statement. */
  async rows<Row>(query: CompiledQuery<Row>): Promise<Row[]> {
    const result = await this.#send(query.sql, query.parameters);
    return result.rows as Row[];
  }

  /** Number of rows that a statement changed. */
  async change(query: CompiledQuery): Promise<number> {
    const result = await this.#send(query.sql, query.parameters);
    return result.rowCount ?? 0;
  }

  /** Runs a statement without parameters: DDL, BEGIN and the like. */
  async execute(sqlText: string): Promise<void> {
    await this.#send(sqlText, []);
  }

  /** Runs `work` in a transaction: committed when it resolves, rolled back when it rejects. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.execute('BEGIN');
    try {
      const result = await work();
      await this.execute('COMMIT');
      return result;
    } catch (error) {
      await this.rollback();
      throw error;
    }
  }

  /** Ends a transaction that is to leave nothing; quiet when the connection is gone anyway. */
  async rollback(): Promise<void> {
    await this.#client.query('ROLLBACK').catch(() => {});
  }

  copyIn(copyStatement: string): CopyIn {
    const copy = new CopyIn(this.#client.query(copyFrom(copyStatement)), {
      socket: this.#client.connection.stream,
      explain: (error) => this.#failure(error),
    });
    this.#copy = copy;
    return copy;
  }

  async close(): Promise<void> {
    await endClient(this.#client);
  }

  async #send(text: string, values: readonly unknown[]): Promise<pg.QueryResult> {
    if (this.#loss !== undefined) throw connectionLoss(this.#loss, this.endpoint);
    // It would wait for the COPY, and the COPY for whoever waits for it.
    if (this.#copy?.isOpen === true)
      throw new TypeError(`a COPY is open, so this cannot run: ${text}`);
    try {
      return await this.#client.query(text, [...values]);
    } catch (error) {
      throw this.#failure(error);
    }
  }

  #failure(error: unknown): Error {
    if (this.#loss !== undefined) return connectionLoss(this.#loss, this.endpoint);
    return statementFailure(error, this.endpoint);
  }
}
