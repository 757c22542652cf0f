import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
import { DIALECT_MACROS } from '../sql/dialect-macros.ts';
import { USERS_MACROS } from '../sql/users.ts';

/** Queries that run at a time: DuckDB uses a thread for each. */
const CONNECTIONS = 2;

/** An in-memory DuckDB. Work is handed a connection of its own, so that none waits in a thread. */
export class Database {
  readonly aggregates: ReadonlySet<string>;
  readonly #instance: DuckDBInstance;
  readonly #idle: DuckDBConnection[];
  readonly #waiting: ((connection: DuckDBConnection) => void)[] = [];
  readonly #definer: DuckDBConnection;
  #defined: Promise<unknown> = Promise.resolve();

  private constructor(parts: {
    instance: DuckDBInstance;
    definer: DuckDBConnection;
    idle: DuckDBConnection[];
    aggregates: ReadonlySet<string>;
  }) {
    this.#instance = parts.instance;
    this.#definer = parts.definer;
    this.#idle = parts.idle;
    this.aggregates = parts.aggregates;
  }

  static async open(): Promise<Database> {
    const instance = await DuckDBInstance.create(':memory:', { threads: String(CONNECTIONS) });
    const definer = await instance.connect();
    await definer.run("SET GLOBAL TimeZone = 'UTC'");
    for (const macro of [...USERS_MACROS, ...DIALECT_MACROS]) await definer.run(macro);
    const idle = await Promise.all(Array.from({ length: CONNECTIONS }, () => instance.connect()));
    const names = await definer.runAndReadAll(
      "SELECT DISTINCT lower(function_name) FROM duckdb_functions() WHERE function_type = 'aggregate'",
    );
    const aggregates = names.getRows().map(([name]) => String(name));
    return new Database({
      instance,
      definer,
      idle,
      aggregates: new Set([...aggregates, ...AGGREGATE_MACROS]),
    });
  }

  async use<Result>(work: (connection: DuckDBConnection) => Promise<Result>): Promise<Result> {
    const connection = this.#idle.pop() ?? (await this.#next());
    try {
      return await work(connection);
    } finally {
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#idle.push(connection);
      else waiting(connection);
    }
  }

  /** Runs a definition on a connection of its own, so that it can be called from inside `use`. */
  define(sql: string, values: string[] = []): Promise<void> {
    const made = this.#defined.then(async () => {
      await this.#definer.run(sql, values);
    });
    this.#defined = made.catch(() => undefined);
    return made;
  }

  close(): void {
    this.#definer.closeSync();
    for (const connection of this.#idle) connection.closeSync();
    this.#instance.closeSync();
  }

  #next(): Promise<DuckDBConnection> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/** Macros of DIALECT_MACROS that aggregate. */
const AGGREGATE_MACROS = ['collect', 'percentile', 'approx_percentile'];
