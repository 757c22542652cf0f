import { dataSources } from '@traffic-events/client';
import type { DataSource } from '@traffic-events/client';
import type { DuckDBConnection } from '@duckdb/node-api';
import { sourceShape } from '../events/event-tables.ts';
import type { EventTables } from '../events/event-tables.ts';
import { carryUsers } from './carry-users.ts';
import { checkAggregates, checkGrammar, checkOutput } from './check-query.ts';
import { parseQuery, printQuery } from './duckdb-parser.ts';
import { intervalOf } from './duration.ts';
import type { Environment, SourceTable, WindowExtension } from './environment.ts';
import { Rejection } from './rejection.ts';
import { substitute } from './substitute.ts';
import type { ParameterValues } from './substitute.ts';
import { suppressionSql } from './suppress.ts';
import type { ResultColumn } from './suppress.ts';
import { walkTree } from './syntax-tree.ts';
import type { QueryNode } from './syntax-tree.ts';

export interface QueryRequest {
  readonly sql: string;
  readonly tables: EventTables;
  /** Whether the account may query the data source. */
  readonly offers: (source: DataSource) => boolean;
  readonly parameterValues?: ParameterValues;
  readonly discriminatorColumn?: string | undefined;
  readonly blankMetrics: boolean;
}

/** A query ready to run, with $window_start, $window_end, $as_of and $retained_from to be bound. */
export interface CompiledQuery {
  readonly sql: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly parameters: ReadonlySet<string>;
}

/** Turns the SQL of an execution into SQL over the account's events that obeys the thresholds. */
export class QueryCompiler {
  readonly #connection: DuckDBConnection;
  readonly #aggregates: ReadonlySet<string>;

  constructor(options: { connection: DuckDBConnection; aggregates: ReadonlySet<string> }) {
    this.#connection = options.connection;
    this.#aggregates = options.aggregates;
  }

  /** Throws Rejection, with the reason, for SQL that the service would not run. */
  async compile(request: QueryRequest): Promise<CompiledQuery> {
    const parsed = await parseQuery(this.#connection, withoutTableKeyword(request.sql));
    checkGrammar(parsed);
    const node = substitute(parsed, request.parameterValues ?? {});
    const environment = await this.#environment(node, request);
    checkAggregates(node, environment);
    const pending = carryUsers(node, environment);
    checkOutput(pending.columns);
    const { positions } = pending;
    const query = await printQuery(this.#connection, pending.build({ form: 'count', positions }));
    const columns = await this.#describe(query, pending.columns);
    return this.#finish(query, { request, columns, positions });
  }

  async #finish(
    query: string,
    parts: { request: QueryRequest; columns: ResultColumn[]; positions: readonly number[] },
  ): Promise<CompiledQuery> {
    const { discriminatorColumn, blankMetrics } = parts.request;
    const { columns, positions } = parts;
    const sql = suppressionSql(query, { columns, positions, discriminatorColumn, blankMetrics });
    const flag = discriminatorColumn === undefined ? [] : [booleanColumn(discriminatorColumn)];
    const names = sql.matchAll(/\$(window_start|window_end|as_of|retained_from)\b/g);
    return {
      sql,
      columns: [...columns.map(({ name, type }) => ({ name, type })), ...flag],
      parameters: new Set([...names].map((match) => match[1] ?? '')),
    };
  }

  async #describe(query: string, columns: readonly Column[]): Promise<ResultColumn[]> {
    const prepared = await this.#connection.prepare(query).catch((error: unknown) => {
      throw new Rejection(`The query could not be compiled: ${firstLine(error)}`);
    });
    try {
      return columns.map((column, index) => ({
        name: prepared.columnName(index),
        metric: column.metric,
        threshold: column.threshold,
        type: String(prepared.columnType(index)),
      }));
    } finally {
      prepared.destroySync();
    }
  }

  async #environment(node: QueryNode, request: QueryRequest): Promise<Environment> {
    const nodes = new Map<string, SourceTable>();
    for (const wanted of sourcesIn(node)) {
      const source = dataSources.find((each) => each.name === wanted.name);
      if (source === undefined || !request.offers(source)) continue;
      const view = await request.tables.view(source.name, intervals(wanted.extension));
      nodes.set(keyOf(wanted.name, wanted.extension), {
        name: source.name,
        node: await parseQuery(this.#connection, view),
        shape: sourceShape(source.name),
      });
    }
    return {
      commonTables: new Map(),
      aggregates: this.#aggregates,
      carryUsers,
      sourceTable: (name, extension) => {
        const found = nodes.get(keyOf(name.toLowerCase(), extension));
        if (found === undefined) throw new Rejection(`Table '${name}' not found`);
        return found;
      },
    };
  }
}

type Column = Omit<ResultColumn, 'type'>;

interface WantedSource {
  readonly name: string;
  readonly extension?: WindowExtension;
}

function* sourcesIn(node: QueryNode): Generator<WantedSource> {
  for (const part of walkTree(node)) {
    if (part.type === 'BASE_TABLE') yield { name: String(part['table_name']).toLowerCase() };
    if (part.type !== 'FUNCTION' || part['function_name'] !== 'extend_time_window') continue;
    const [name, before, after] = (part['children'] as { value?: { value?: unknown } }[]).map(
      (child) => String(child.value?.value),
    );
    if (name === undefined || before === undefined || after === undefined) continue;
    yield { name: name.toLowerCase(), extension: { before, after } };
  }
}

function keyOf(name: string, extension?: WindowExtension): string {
  return extension === undefined ? name : `${name} ${extension.before} ${extension.after}`;
}

function intervals(extension?: WindowExtension): WindowExtension {
  if (extension === undefined) return { before: '', after: '' };
  return { before: intervalOf(extension.before), after: intervalOf(extension.after) };
}

/** TABLE(EXTEND_TIME_WINDOW(...)) is the service's form of a table function; DuckDB has no TABLE. */
function withoutTableKeyword(sql: string): string {
  return sql.replace(
    /\bTABLE\s*\(\s*(EXTEND_TIME_WINDOW\s*\([^()]*\))\s*\)/gi,
    (_, call: string) => call,
  );
}

function booleanColumn(name: string) {
  return { name, type: 'BOOLEAN' };
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
