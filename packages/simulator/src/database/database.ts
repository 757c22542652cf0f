import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection, DuckDBPreparedStatement } from '@duckdb/node-api';
import { DIALECT_MACROS } from '../sql/dialect-macros.ts';
import { USERS_MACROS } from '../sql/users.ts';

/** Queries that run at a time, each in one thread: measured, more threads a query cost more. */
const CONNECTIONS = 2;

const PREPARED_STATEMENTS = 200;

/** An in-memory DuckDB. Work is handed a connection of its own, so that none waits in a thread. */
export class Database {
  readonly aggregates: ReadonlySet<string>;
  readonly #instance: DuckDBInstance;
  readonly #idle: DuckDBConnection[];
  readonly #waiting: ((connection: DuckDBConnection) => void)[] = [];
  readonly #definer: DuckDBConnection;
  readonly #prepared = new Map<DuckDBConnection, Map<string, DuckDBPreparedStatement>>();
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
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    const definer = await instance.connect();
    await definer.run("SET GLOBAL TimeZone = 'UTC'");
    await definer.run([...USERS_MACROS, ...DIALECT_MACROS].join(';'));
    const idle = await Promise.all(Array.from({ length: CONNECTIONS }, () => instance.connect()));
    aggregateNames ??= readAggregateNames(definer);
    return new Database({
      instance,
      definer,
      idle,
      aggregates: await aggregateNames,
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

  /** All rows of a query; its plan is kept for the next time, its answer is not. */
  async rows(sql: string, values: Readonly<Record<string, string>>): Promise<unknown[][]> {
    return this.use(async (connection) => {
      const statement = await this.#prepare(connection, sql);
      statement.bind(values);
      return (await statement.runAndReadAll()).getRows();
    });
  }

  /** Makes tables on a connection of its own, so that it can be called from inside `use`. */
  define(work: (connection: DuckDBConnection) => Promise<void>): Promise<void> {
    const made = this.#defineAfter(this.#defined, work);
    this.#defined = made.catch(() => undefined);
    return made;
  }

  /** Waits for what is under way: DuckDB must not be closed under a query. */
  async close(): Promise<void> {
    const connections = await Promise.all(
      Array.from({ length: CONNECTIONS }, async () => this.#idle.pop() ?? (await this.#next())),
    );
    await this.#defined;
    for (const statements of this.#prepared.values()) {
      for (const statement of statements.values()) statement.destroySync();
    }
    this.#definer.closeSync();
    for (const connection of connections) connection.closeSync();
    this.#instance.closeSync();
  }

  async #prepare(connection: DuckDBConnection, sql: string): Promise<DuckDBPreparedStatement> {
    const statements = this.#prepared.get(connection) ?? new Map<string, DuckDBPreparedStatement>();
    this.#prepared.set(connection, statements);
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const made = await connection.prepare(sql);
    statements.set(sql, made);
    const [oldest] = statements;
    if (statements.size > PREPARED_STATEMENTS && oldest !== undefined) {
      statements.delete(oldest[0]);
      oldest[1].destroySync();
    }
    return made;
  }

  async #defineAfter(
    earlier: Promise<unknown>,
    work: (connection: DuckDBConnection) => Promise<void>,
  ): Promise<void> {
    await earlier;
    await work(this.#definer);
  }

  #next(): Promise<DuckDBConnection> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/** Macros of DIALECT_MACROS that aggregate. */
const AGGREGATE_MACROS = ['collect', 'percentile', 'approx_percentile'];

/** They are the same in every database, and slow to ask for. */
let aggregateNames: Promise<ReadonlySet<string>> | undefined;

async function readAggregateNames(connection: DuckDBConnection): Promise<ReadonlySet<string>> {
  const reader = await connection.runAndReadAll(
    "SELECT DISTINCT lower(function_name) FROM duckdb_functions() WHERE function_type = 'aggregate'",
  );
  return new Set([...reader.getRows().map(([name]) => String(name)), ...AGGREGATE_MACROS]);
}
