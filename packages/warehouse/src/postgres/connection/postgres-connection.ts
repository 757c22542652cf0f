import type { CompiledQuery } from 'kysely';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { CopyIn } from '../load/copy-in.ts';
import { connectionParts } from './connection-parts.ts';
import type { ConnectionParts } from './connection-parts.ts';
import type { ConnectionSettings } from './connection-settings.ts';
import { endClient, openClient } from './open-client.ts';
import type { OpenClient, OpenOptions } from './open-client.ts';
import { connectionLoss, statementFailure } from './postgres-errors.ts';
import type { Endpoint } from './postgres-errors.ts';
import { LockWatch } from './lock-watch.ts';
import { sessionSettings } from './session-settings.ts';
import { endWhenSilent } from './stop-watch.ts';

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
  /** Who serves it; undefined where a pooler gives every transaction whom it has. */
  readonly backend: Backend | undefined;
  readonly #client: pg.Client;
  readonly #locks: LockWatch;
  /** What has to be set in every transaction, because the session is a pooler's. */
  readonly #preamble: string | undefined;
  #pid: number;
  #loss: unknown;
  #copy: CopyIn | undefined;
  #waiting = 0;
  /** Resolves once the transactions have ended that were begun or asked for. */
  #turn: Promise<void> = Promise.resolve();
  #endTurn: (() => void) | undefined;

  private constructor(
    { client, endpoint, server }: OpenClient,
    { parts, preamble }: { parts: ConnectionParts; preamble: string },
  ) {
    this.#client = client;
    this.#locks = new LockWatch(parts);
    this.endpoint = endpoint;
    this.backend = server.isPooled ? undefined : server;
    this.#preamble = server.isPooled ? preamble : undefined;
    this.#pid = server.pid;
    this.#client.on('error', (error) => {
      this.#loss ??= error;
    });
  }

  static async open(
    settings: ConnectionSettings,
    options: OpenOptions = {},
  ): Promise<PostgresConnection> {
    const parts = connectionParts(settings, process.env);
    const opened = await openClient(parts, options);
    const preamble = sessionSettings(settings, parts, 'SET LOCAL');
    const connection = new PostgresConnection(opened, { parts, preamble });
    const watched = { client: opened.client, parts, isWaiting: () => connection.#waiting > 0 };
    endWhenSilent(watched, options.signal);
    if (connection.backend !== undefined)
      await connection.#setUp(sessionSettings(settings, parts, 'SET'));
    return connection;
  }

  /** Whether the connection is gone; what was not committed is then lost. */
  get isLost(): boolean {
    return this.#loss !== undefined;
  }

  /** Rows of a statement. */
  async rows<Row>(query: CompiledQuery<Row>): Promise<Row[]> {
    const result = await this.#run(query.sql, query.parameters);
    return result.rows as Row[];
  }

  /** Number of rows that a statement changed. */
  async change(query: CompiledQuery): Promise<number> {
    const result = await this.#run(query.sql, query.parameters);
    return result.rowCount ?? 0;
  }

  /** Runs statements without parameters: DDL and the like. */
  async execute(sqlText: string): Promise<void> {
    await this.#run(sqlText, []);
  }

  /** Begins a transaction once those before it have ended. */
  async begin(): Promise<void> {
    await this.#takeTurn();
    try {
      if (this.#preamble === undefined) await this.#send('BEGIN', []);
      else await this.#beginPooled(this.#preamble);
    } catch (error) {
      this.#giveTurn();
      throw error;
    }
  }

  async commit(): Promise<void> {
    await this.#send('COMMIT', []);
    this.#giveTurn();
  }

  /** Runs `work` in a transaction: committed when it resolves, rolled back when it rejects. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.begin();
    try {
      const result = await work();
      await this.commit();
      return result;
    } catch (error) {
      await this.rollback();
      throw error;
    }
  }

  /** Ends a transaction that is to leave nothing; quiet when the connection is gone anyway. */
  async rollback(): Promise<void> {
    await this.#counted(this.#client.query('ROLLBACK')).catch(() => {});
    this.#giveTurn();
  }

  copyIn(copyStatement: string): CopyIn {
    const endWatch = this.#locks.begin(this.#pid);
    const copy = new CopyIn(this.#client.query(copyFrom(copyStatement)), {
      socket: this.#client.connection.stream,
      explain: (error) => this.#failure(error),
    });
    void this.#counted(copy.ended).finally(endWatch);
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
    const endWatch = this.#locks.begin(this.#pid);
    try {
      return await this.#counted(this.#client.query(text, [...values]));
    } catch (error) {
      throw this.#failure(error);
    } finally {
      endWatch();
    }
  }

  /** A statement of its own, or of the transaction that is open. */
  #run(text: string, values: readonly unknown[]): Promise<pg.QueryResult> {
    const isAlone = this.#preamble !== undefined && this.#endTurn === undefined;
    const send = () => this.#send(text, values);
    return isAlone ? this.transaction(send) : send();
  }

  async #setUp(statements: string): Promise<void> {
    await this.#send(statements, []);
    // Lets the server notice a client that was killed while a statement runs; not on every platform.
    await this.#send("SET client_connection_check_interval = '2s'", []).catch(() => {});
  }

  async #beginPooled(preamble: string): Promise<void> {
    await this.#send(`BEGIN; ${preamble}`, []);
    const { rows } = await this.#send('SELECT pg_backend_pid() AS pid', []);
    this.#pid = (rows as { pid: number }[])[0]?.pid ?? 0;
  }

  async #takeTurn(): Promise<void> {
    const before = this.#turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = promise;
    await before;
    this.#endTurn = resolve;
  }

  #giveTurn(): void {
    this.#endTurn?.();
    this.#endTurn = undefined;
  }

  async #counted<T>(answer: Promise<T>): Promise<T> {
    this.#waiting += 1;
    try {
      return await answer;
    } finally {
      this.#waiting -= 1;
    }
  }

  #failure(error: unknown): Error {
    if (this.#loss !== undefined) return connectionLoss(this.#loss, this.endpoint);
    return statementFailure(error, this.endpoint, this.#locks.blockers);
  }
}
