import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { WarehouseError } from '../../errors.ts';
import type { SupervisorReport, SupervisorRequest } from './supervisor-protocol.ts';

interface EmbeddedPostgresOptions {
  /** Port on 127.0.0.1; any free one unless given. */
  readonly port?: number;
  /** Survive a crash of the machine; slower. Off unless given. */
  readonly isDurable?: boolean;
}

/** A real PostgreSQL server on this machine, which lives as long as this process at most. */
export class EmbeddedPostgres {
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly #supervisor: ChildProcess;

  private constructor(
    supervisor: ChildProcess,
    started: Extract<SupervisorReport, { kind: 'started' }>,
  ) {
    this.#supervisor = supervisor;
    this.port = started.port;
    this.user = started.user;
    this.password = started.password;
  }

  /** Starts a server with an empty data directory. It takes about a second. */
  static async start(options: EmbeddedPostgresOptions = {}): Promise<EmbeddedPostgres> {
    const request: SupervisorRequest = {
      port: options.port ?? 0,
      isDurable: options.isDurable ?? false,
    };
    const supervisor = fork(
      fileURLToPath(new URL(`./supervisor${extname(import.meta.url)}`, import.meta.url)),
      [JSON.stringify(request)],
      // A group of its own: Ctrl-C in a terminal must not end the server before its user.
      { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], execArgv: [], detached: true },
    );
    const report = await firstReport(supervisor);
    if (report.kind === 'failed') {
      throw new WarehouseError(`The embedded PostgreSQL did not start: ${report.message}`, {
        code: 'embedded_postgres_failed',
        action: 'fatal',
      });
    }
    // The server must not keep its user's process alive.
    supervisor.unref();
    supervisor.channel?.unref();
    return new EmbeddedPostgres(supervisor, report);
  }

  /** Process that ends the server when it gets a SIGTERM. */
  get supervisorPid(): number | undefined {
    return this.#supervisor.pid;
  }

  url(database = 'postgres'): string {
    return `postgresql://${this.user}:${this.password}@${this.host}:${this.port}/${database}`;
  }

  /** Makes an empty database and answers its URL. */
  async createDatabase(name: string): Promise<string> {
    await this.#administer(`CREATE DATABASE ${pg.escapeIdentifier(name)}`);
    return this.url(name);
  }

  /** Drops a database, whoever is still connected to it. */
  async dropDatabase(name: string): Promise<void> {
    await this.#administer(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`);
  }

  /** Lets the server outlive this process; a SIGTERM to `supervisorPid` ends it. */
  async keep(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#supervisor.send('keep', (error) => (error ? reject(error) : resolve()));
    });
    this.#supervisor.disconnect();
  }

  /** Ends the server and removes its files. */
  async stop(): Promise<void> {
    if (this.#supervisor.exitCode !== null || !this.#supervisor.connected) return;
    this.#supervisor.ref();
    const exited = once(this.#supervisor, 'exit');
    this.#supervisor.send('stop');
    await exited;
  }

  async #administer(sql: string): Promise<void> {
    const client = new pg.Client({ connectionString: this.url() });
    await client.connect();
    try {
      await client.query(sql);
    } finally {
      await client.end();
    }
  }
}

function firstReport(supervisor: ChildProcess): Promise<SupervisorReport> {
  return new Promise((resolve) => {
    supervisor.once('message', (message) => resolve(message as SupervisorReport));
    supervisor.once('error', (error) => resolve({ kind: 'failed', message: error.message }));
    supervisor.once('exit', (code, signal) =>
      resolve({ kind: 'failed', message: `its supervisor ended with ${signal ?? code}` }),
    );
  });
}
