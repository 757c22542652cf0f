import type { CompiledQuery } from 'kysely';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { ConnectionError } from '../../errors.ts';
import { clientConfig, tlsSettings } from './connection-settings.ts';
import type { ConnectionSettings } from './connection-settings.ts';
import { CopyIn } from '../load/copy-in.ts';
import {
  connectFailure,
  connectionLoss,
  describeEndpoint,
  isWithoutTls,
  statementFailure,
} from './postgres-errors.ts';
import type { Endpoint } from './postgres-errors.ts';
import { tlsAttempts } from './tls.ts';
import type { TlsAttempt } from './tls.ts';
import { typeParsers } from './type-parsers.ts';

/** The server's side of a connection: a process, told from others by when it started. */
export interface Backend {
  readonly pid: number;
  /** ISO 8601 with microseconds. */
  readonly startedAt: string;
}

const OLDEST_SERVER = 150_000;

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

  private constructor(options: { client: pg.Client; endpoint: Endpoint; backend: Backend }) {
    this.#client = options.client;
    this.endpoint = options.endpoint;
    this.backend = options.backend;
    this.#client.on('error', (error) => {
      this.#loss ??= error;
    });
  }

  static async open(
    settings: ConnectionSettings,
    applicationName = 'traffic-events',
  ): Promise<PostgresConnection> {
    const attempts = await tlsAttempts(tlsSettings(settings, process.env));
    for (const [index, ssl] of attempts.entries()) {
      const client = makeClient(settings, applicationName, ssl);
      const endpoint = endpointOf(client);
      client.on('error', () => {});
      try {
        await client.connect();
        const backend = await introduce(client, endpoint);
        return new PostgresConnection({ client, endpoint, backend });
      } catch (error) {
        await client.end().catch(() => {});
        if (index + 1 < attempts.length && isWithoutTls(error)) continue;
        throw error instanceof ConnectionError ? error : connectFailure(error, endpoint);
      }
    }
    throw new TypeError('there is always a way to connect');
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
    await this.#client.end().catch(() => {});
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

function endpointOf({ host, port, database, user }: pg.Client): Endpoint {
  return { host, port, database: database ?? '', user: user ?? '' };
}

function makeClient(
  settings: ConnectionSettings,
  applicationName: string,
  ssl: TlsAttempt,
): pg.Client {
  return new pg.Client({
    ...clientConfig(settings),
    ssl,
    application_name: applicationName,
    types: typeParsers(),
  });
}

/** Sets the session up and learns who serves it. */
async function introduce(client: pg.Client, endpoint: Endpoint): Promise<Backend> {
  const version = await client.query<{ number: number }>(
    "SELECT current_setting('server_version_num')::int AS number",
  );
  if ((version.rows[0]?.number ?? 0) < OLDEST_SERVER) {
    throw new ConnectionError(
      `The server of ${describeEndpoint(endpoint)} is older than PostgreSQL 15. Upgrade it.`,
      { action: 'fatal' },
    );
  }
  await client.query(
    "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'",
  );
  // A process that stands still must not hold what others wait for. COPY does not count as idle.
  await client.query("SET idle_in_transaction_session_timeout = '10s'");
  // Lets the server notice a client that was killed while a statement runs; not on every platform.
  await client.query("SET client_connection_check_interval = '2s'").catch(() => {});
  const { rows } = await client.query<{ pid: number; started_at: string }>(
    `SELECT pid, to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS started_at
       FROM pg_stat_activity WHERE pid = pg_backend_pid()`,
  );
  return { pid: rows[0]?.pid ?? 0, startedAt: rows[0]?.started_at ?? '' };
}
