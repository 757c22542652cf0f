import type { DuckDBConnection } from '@duckdb/node-api';
import { Rejection } from './rejection.ts';
import type { QueryNode } from './syntax-tree.ts';

interface Serialized {
  readonly error: boolean;
  readonly error_type?: string;
  readonly error_message?: string;
  readonly statements?: { node: QueryNode; named_param_map: unknown[] }[];
}

/** The syntax tree of a single SELECT; throws Rejection for anything else. */
export async function parseQuery(connection: DuckDBConnection, sql: string): Promise<QueryNode> {
  const reader = await connection.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR)', [sql]);
  const parsed = parseExactly(String(reader.value(0, 0))) as Serialized;
  if (parsed.error) throw new Rejection(explain(parsed));
  const [statement, ...others] = parsed.statements ?? [];
  if (statement === undefined) throw new Rejection('The query is empty');
  if (others.length > 0) throw new Rejection('Only one statement is supported');
  return statement.node;
}

/** SQL text of a syntax tree. */
export async function printQuery(connection: DuckDBConnection, node: QueryNode): Promise<string> {
  const statement = { error: false, statements: [{ node, named_param_map: [] }] };
  const reader = await connection.runAndReadAll('SELECT json_deserialize_sql($1::JSON)', [
    JSON.stringify(statement),
  ]);
  return String(reader.value(0, 0));
}

function explain(parsed: Serialized): string {
  if (parsed.error_type === 'not implemented') {
    return 'Creating or modifying materialized tables is not supported in TCR SQL. The only supported operations are queries';
  }
  return `The query could not be parsed: ${parsed.error_message ?? 'unknown error'}`;
}

/**
 * JSON.parse that keeps integers beyond 2^53 as they are written, and drops query_location, which
 * nothing needs and which is out of range for JSON.stringify.
 */
function parseExactly(json: string): unknown {
  return JSON.parse(json, (key: string, value: unknown, context?: { source?: string }) => {
    if (key === 'query_location') return undefined;
    const inexact = typeof value === 'number' && !Number.isSafeInteger(value);
    const source = context?.source;
    return inexact && source !== undefined ? rawJson(source) : value;
  });
}

/** JSON.rawJSON is in Node 22 and later; the type declarations do not know it yet. */
function rawJson(source: string): unknown {
  return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(source);
}
