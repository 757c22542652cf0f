import { dataSources } from '@traffic-events/client';
import type { DataSource, Threshold } from '@traffic-events/client';
import type { DuckDBConnection } from '@duckdb/node-api';
import { sourceShape } from '../events/event-tables.ts';
import type { EventTables } from '../events/event-tables.ts';
import { reportShape } from '../events/report-tables.ts';
import type { ReportTable } from '../events/report-tables.ts';
import { carryUsers } from './carry-users.ts';
import { checkAggregates, checkGrammar, checkOutput } from './check-query.ts';
import { parseQuery, printQuery } from './duckdb-parser.ts';
import { intervalOf } from './duration.ts';
import type { Environment, SourceTable, WindowExtension } from './environment.ts';
import type { PendingQuery, RowUsersForm } from './pending.ts';
import { Rejection } from './rejection.ts';
import { substitute } from './substitute.ts';
import type { ParameterValues } from './substitute.ts';
import { suppressionSql } from './suppress.ts';
import type { ExtraColumns, ResultColumn, SuppressOptions, UserCount } from './suppress.ts';
import { walkTree } from './syntax-tree.ts';
import type { QueryNode } from './syntax-tree.ts';
import { REQUIRED_USERS, strictest } from './threshold.ts';
import { checkDialect, checkWidth, finalBranches, judgedBy, withLabels } from './unions.ts';
import type { QueryDialect } from './unions.ts';

export interface QueryRequest {
  readonly sql: string;
  readonly tables: EventTables;
  /** Whether the account may query the data source. */
  readonly offers: (source: DataSource) => boolean;
  readonly parameterValues?: ParameterValues;
  readonly discriminatorColumn?: string | undefined;
  readonly blankMetrics: boolean;
  /** Table of a templated report, where the query is one. */
  readonly report?: ReportTable | undefined;
  readonly extraColumns?: ExtraColumns | undefined;
  readonly userCount?: UserCount;
  readonly dialect: QueryDialect;
}

/** A query ready to run, with $window_start, $window_end, $as_of and $retained_from to be bound. */
export interface CompiledQuery {
  readonly sql: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly parameters: ReadonlySet<string>;
  /** Data sources that it reads. */
  readonly sources: ReadonlySet<string>;
  /** SELECTs that its rows come from. */
  readonly branches: number;
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
    const { dialect } = request;
    checkGrammar(parsed);
    checkDialect(parsed, dialect);
    const node = withLabels(substitute(parsed, request.parameterValues ?? {}), dialect);
    const environment = await this.#environment(node, request);
    const pending = carryUsers(node, environment);
    checkAggregates(node, environment);
    checkOutput(pending.columns);
    checkWidth(pending.columns, dialect);
    const { positions } = pending;
    const { output, branches } = judgedBy(pending, dialect);
    const form = formFor(request, pending);
    const build = { form, positions, branch: branches === undefined ? undefined : 0 };
    const query = await printQuery(this.#connection, pending.build(build));
    const columns = await this.#describe(query, pending.columns, output);
    const sources = new Set(environment.sources());
    const compiled = this.#finish(query, { request, columns, branches, positions, sources });
    return { ...compiled, branches: finalBranches(node).length };
  }

  #finish(
    query: string,
    parts: {
      request: QueryRequest;
      columns: ResultColumn[];
      branches: SuppressOptions['branches'];
      positions: readonly number[];
      sources: ReadonlySet<string>;
    },
  ): Omit<CompiledQuery, 'branches'> {
    const { request, columns, branches, positions, sources } = parts;
    const { sql, added } = suppressionSql(query, {
      columns,
      branches,
      positions,
      sources: [...sources],
      discriminatorColumn: request.discriminatorColumn,
      extraColumns: request.extraColumns ?? {},
      blankMetrics: request.blankMetrics,
      userCount: request.userCount ?? 'effective',
      rowOrder: request.dialect.rowOrder,
    });
    const names = sql.matchAll(/\$(window_start|window_end|as_of|retained_from)\b/g);
    return {
      sql,
      columns: [...columns.map(({ name, type }) => ({ name, type })), ...added],
      sources,
      parameters: new Set([...names].map((match) => match[1] ?? '')),
    };
  }

  async #describe(
    query: string,
    columns: readonly Column[],
    thresholds: readonly Threshold[],
  ): Promise<ResultColumn[]> {
    const prepared = await this.#connection.prepare(query).catch((error: unknown) => {
      throw new Rejection(`The query could not be compiled: ${firstLine(error)}`);
    });
    try {
      return columns.map((column, index) => ({
        name: prepared.columnName(index),
        metric: column.metric,
        threshold: thresholds[index] ?? column.threshold,
        type: String(prepared.columnType(index)),
      }));
    } finally {
      prepared.destroySync();
    }
  }

  async #sourceTable(
    wanted: WantedSource,
    request: QueryRequest,
  ): Promise<SourceTable | undefined> {
    const { tables, report } = request;
    if (report !== undefined && report === wanted.name) {
      const node = await parseQuery(this.#connection, await tables.reportView(report));
      return { name: report, node, shape: reportShape(report) };
    }
    const source = dataSources.find((each) => each.name === wanted.name);
    if (source === undefined || !request.offers(source)) return undefined;
    const view = await tables.view(source.name, intervals(wanted.extension));
    const node = await parseQuery(this.#connection, view);
    return { name: source.name, node, shape: sourceShape(source.name) };
  }

  async #environment(node: QueryNode, request: QueryRequest): Promise<Environment> {
    const nodes = new Map<string, SourceTable>();
    for (const wanted of sourcesIn(node)) {
      const table = await this.#sourceTable(wanted, request);
      if (table !== undefined) nodes.set(keyOf(wanted.name, wanted.extension), table);
    }
    return {
      commonTables: new Map(),
      aggregates: this.#aggregates,
      carryUsers,
      sources: () => [...nodes.values()].map((each) => each.name),
      sourceTable: (name, extension) => {
        const found = nodes.get(keyOf(name.toLowerCase(), extension));
        if (found === undefined) throw new Rejection(`Table '${name}' not found`);
        return found;
      },
    };
  }
}

type Column = Omit<ResultColumn, 'type'>;

/** Counting beyond the strictest threshold of the output is work for nothing. */
function formFor(request: QueryRequest, { columns }: PendingQuery): RowUsersForm {
  if (request.userCount === 'equivalent') return 'weighted';
  const strictestOfAll = strictest(columns.map((column) => column.threshold));
  return REQUIRED_USERS[strictestOfAll] <= 2 ? 'few' : 'count';
}

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

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
