import type { CommonTable, QueryNode } from './syntax-tree.ts';
import type { PendingQuery } from './pending.ts';
import type { Scope, Shape } from './scope.ts';

/** A table of the clean room, as the account's events seen at the execution's createTime. */
export interface SourceTable {
  readonly name: string;
  readonly node: QueryNode;
  readonly shape: Shape;
}

/** What a query can refer to. */
export interface Environment {
  /** By name in lower case. */
  readonly commonTables: ReadonlyMap<string, Shape>;
  /** The query around a subquery. */
  readonly outer?: Scope;
  /** Names of aggregate functions in lower case. */
  readonly aggregates: ReadonlySet<string>;
  /** Names of the tables of the clean room that the query reads. */
  sources(): readonly string[];
  /** Analyses a query inside the query. */
  carryUsers(node: QueryNode, environment: Environment): PendingQuery;
  /** The table, its window widened as EXTEND_TIME_WINDOW asks; throws Rejection when unknown. */
  sourceTable(name: string, extension?: WindowExtension): SourceTable;
}

/** ISO 8601 durations by which a table's window begins earlier and ends later. */
export interface WindowExtension {
  readonly before: string;
  readonly after: string;
}

/** The common tables of a query, rewritten, and the environment in which it sees them. */
export interface WithClause {
  readonly map: CommonTable[];
  readonly environment: Environment;
}
