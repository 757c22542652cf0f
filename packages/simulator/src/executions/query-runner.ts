import type { Database } from '../database/database.ts';
import type { SimulatedAccount } from '../accounts/account.ts';
import { QueryCompiler } from '../sql/query-compiler.ts';
import type { CompiledQuery } from '../sql/query-compiler.ts';
import type { QueryDialect } from '../sql/unions.ts';
import type { Behaviour } from '../settings/behaviour.ts';
import { NotBuiltError } from '../sql/functions.ts';
import { Rejection } from '../sql/rejection.ts';
import { ApiError } from '../http/api-error.ts';
import { reportTable } from './report-request.ts';
import type { CreateRequest } from './create-request.ts';
import type { Execution } from './execution.ts';
import type { ResultTable } from './result-csv.ts';

/** Retention from arrival (API.md 1.4). */
export const RETENTION_MS = 30 * 86_400_000;

const COMPILED_QUERIES = 500;

/** What queries cost, for those who measure. Milliseconds of real time. */
export interface QueryMeasurements {
  readonly compiled: number;
  readonly compileMs: number;
  readonly run: number;
  readonly runMs: number;
}

export interface QueryCheck {
  readonly rejection: string | undefined;
  readonly sources: ReadonlySet<string>;
  /** SELECTs that its rows come from. */
  readonly branches: number;
}

/** Runs the SQL of executions over the events of their accounts. */
export class QueryRunner {
  readonly #database: Database;
  /** Compiled text only: what a query answers is never kept here. */
  readonly #compiled = new Map<string, Promise<CompiledQuery>>();
  #measured = { compiled: 0, compileMs: 0, run: 0, runMs: 0 };

  constructor(database: Database) {
    this.#database = database;
  }

  get measurements(): QueryMeasurements {
    return { ...this.#measured };
  }

  /**
   * Why the service would refuse the query, or which data sources it reads. Throws ApiError 501 for
   * what the service has and the simulator has not.
   */
  async check(account: SimulatedAccount, request: CreateRequest): Promise<QueryCheck> {
    try {
      const { sources, branches } = await this.#compile(account, request);
      return { rejection: undefined, sources, branches };
    } catch (error) {
      if (error instanceof Rejection) {
        return { rejection: error.message, sources: new Set(), branches: 1 };
      }
      if (error instanceof NotBuiltError) throw new ApiError(501, error.message);
      throw error;
    }
  }

  /**
   * The rows of an execution: the events of its window that had arrived, and had not expired, at
   * its createTime, whenever it is run.
   */
  async run(execution: Execution): Promise<ResultTable> {
    const compiled = await this.#compile(execution.account, execution.request);
    const startedMs = performance.now();
    const { window, createTimeMs } = execution;
    const values: Record<string, string> = {
      window_start: timestamp(window.startMs),
      window_end: timestamp(window.endMs),
      as_of: timestamp(createTimeMs),
      retained_from: timestamp(createTimeMs - RETENTION_MS),
    };
    const bound = Object.entries(values).filter(([name]) => compiled.parameters.has(name));
    const rows = await this.#database.rows(compiled.sql, Object.fromEntries(bound));
    this.#measured.run++;
    this.#measured.runMs += performance.now() - startedMs;
    return { columns: compiled.columns, rows: rows as (string | null)[][] };
  }

  #compile(account: SimulatedAccount, request: CreateRequest): Promise<CompiledQuery> {
    const { sqlQuery, discriminatorColumn, extraColumns, parameterValues, report } = request;
    const { blankMetrics, userCount } = account.behaviour;
    const dialect = dialectOf(account.behaviour);
    const key = JSON.stringify([
      extraColumns,
      report,
      userCount,
      account.key,
      sqlQuery,
      discriminatorColumn,
      parameterValues,
      blankMetrics,
      dialect,
    ]);
    const known = this.#compiled.get(key);
    if (known !== undefined) return known;
    const made = this.#compileAnew(account, request);
    this.#compiled.set(key, made);
    const [oldest] = this.#compiled.keys();
    if (this.#compiled.size > COMPILED_QUERIES && oldest !== undefined)
      this.#compiled.delete(oldest);
    return made;
  }

  async #compileAnew(account: SimulatedAccount, request: CreateRequest): Promise<CompiledQuery> {
    const startedMs = performance.now();
    const compiled = await this.#database.use((connection) =>
      new QueryCompiler({ connection, aggregates: this.#database.aggregates }).compile({
        sql: request.sqlQuery,
        tables: account.tables,
        offers: (source) => account.offers(source),
        parameterValues: request.parameterValues,
        discriminatorColumn: request.discriminatorColumn,
        blankMetrics: account.behaviour.blankMetrics,
        userCount: account.behaviour.userCount,
        dialect: dialectOf(account.behaviour),
        extraColumns: request.extraColumns,
        report: request.report === null ? undefined : reportTable(request.report),
      }),
    );
    this.#measured.compiled++;
    this.#measured.compileMs += performance.now() - startedMs;
    return compiled;
  }
}

function dialectOf(behaviour: Behaviour): QueryDialect {
  const { unions, maxUnionBranches, maxOutputColumns, having } = behaviour;
  const { unionThresholds, unionLabels, rowOrder } = behaviour;
  return {
    unions,
    maxUnionBranches,
    maxOutputColumns,
    having,
    unionThresholds,
    unionLabels,
    rowOrder,
  };
}

function timestamp(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
}
