/**
 * The parts of DuckDB's serialized syntax tree that are read or built here. Everything else is
 * carried through untouched.
 */
export interface Expression {
  class: string;
  type: string;
  alias: string;
  [field: string]: unknown;
}

export interface FunctionCall extends Expression {
  class: 'FUNCTION';
  function_name: string;
  children: Expression[];
  filter: Expression | null;
  distinct: boolean;
}

export interface ColumnReference extends Expression {
  class: 'COLUMN_REF';
  column_names: string[];
}

export interface SubqueryExpression extends Expression {
  class: 'SUBQUERY';
  subquery: { node: QueryNode };
}

export interface Modifier {
  type: string;
  [field: string]: unknown;
}

export interface CommonTable {
  key: string;
  value: { aliases: string[]; query: { node: QueryNode }; [field: string]: unknown };
}

interface QueryBase {
  modifiers: Modifier[];
  cte_map: { map: CommonTable[] };
  [field: string]: unknown;
}

export interface SelectNode extends QueryBase {
  type: 'SELECT_NODE';
  select_list: Expression[];
  from_table: TableReference;
  where_clause: Expression | null;
  group_expressions: Expression[];
  group_sets: number[][];
  aggregate_handling: string;
  having: Expression | null;
  qualify: Expression | null;
}

export interface SetOperationNode extends QueryBase {
  type: 'SET_OPERATION_NODE';
  setop_type: string;
  setop_all: boolean;
  left: QueryNode;
  right: QueryNode;
}

export type QueryNode = SelectNode | SetOperationNode;

export interface TableReference {
  type: string;
  alias: string;
  [field: string]: unknown;
}

export interface BaseTable extends TableReference {
  type: 'BASE_TABLE';
  table_name: string;
  column_name_alias: string[];
}

export interface SubqueryTable extends TableReference {
  type: 'SUBQUERY';
  subquery: { node: QueryNode };
  column_name_alias: string[];
}

export interface JoinTable extends TableReference {
  type: 'JOIN';
  left: TableReference;
  right: TableReference;
  condition: Expression | null;
  ref_type: string;
  join_type: string;
}

export interface ValuesTable extends TableReference {
  type: 'EXPRESSION_LIST';
  values: Expression[][];
}

export interface TableFunction extends TableReference {
  type: 'TABLE_FUNCTION';
  function: FunctionCall;
}

export const isFunction = (node: Expression): node is FunctionCall => node.class === 'FUNCTION';
export const isColumn = (node: Expression): node is ColumnReference => node.class === 'COLUMN_REF';
export const isSubquery = (node: Expression): node is SubqueryExpression =>
  node.class === 'SUBQUERY';
export const isBaseTable = (table: TableReference): table is BaseTable =>
  table.type === 'BASE_TABLE';
export const isSubqueryTable = (table: TableReference): table is SubqueryTable =>
  table.type === 'SUBQUERY';
export const isJoin = (table: TableReference): table is JoinTable => table.type === 'JOIN';
export const isValues = (table: TableReference): table is ValuesTable =>
  table.type === 'EXPRESSION_LIST';
export const isTableFunction = (table: TableReference): table is TableFunction =>
  table.type === 'TABLE_FUNCTION';

/** Expressions directly below `node`; the query inside a subquery is not entered. */
export function* childExpressions(node: Expression): Generator<Expression> {
  for (const [field, value] of Object.entries(node)) {
    if (field !== 'subquery') yield* expressionsIn(value);
  }
}

/** `node` and everything below it, the queries inside subqueries excepted. */
export function* walkExpression(node: Expression): Generator<Expression> {
  yield node;
  for (const child of childExpressions(node)) yield* walkExpression(child);
}

/** A copy of `node` in which `change` has replaced what it wants to, from the leaves upward. */
export function mapExpression(
  node: Expression,
  change: (node: Expression) => Expression,
): Expression {
  const copy: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(node)) {
    copy[field] = field === 'subquery' ? value : mapIn(value, change);
  }
  return change(copy as Expression);
}

function mapIn(value: unknown, change: (node: Expression) => Expression): unknown {
  if (Array.isArray(value)) return value.map((item) => mapIn(item, change));
  if (isExpression(value)) return mapExpression(value, change);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([field, inner]) => [field, mapIn(inner, change)]),
  );
}

function* expressionsIn(value: unknown): Generator<Expression> {
  if (Array.isArray(value)) for (const item of value) yield* expressionsIn(item);
  else if (isExpression(value)) yield value;
  else if (isRecord(value)) for (const item of Object.values(value)) yield* expressionsIn(item);
}

function isExpression(value: unknown): value is Expression {
  return isRecord(value) && typeof value['class'] === 'string';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !isRawNumber(value);
}

/** Numbers beyond 2^53 travel as raw JSON (see parse.ts) and are left alone. */
function isRawNumber(value: object): boolean {
  return Object.getPrototypeOf(value) === null && 'rawJSON' in value;
}

/** Every object below `value` that has a `type`, whatever it is, subqueries included. */
export function* walkTree(value: unknown): Generator<{ type: string; [field: string]: unknown }> {
  if (Array.isArray(value)) {
    for (const item of value) yield* walkTree(item);
  } else if (isRecord(value)) {
    if (typeof value['type'] === 'string') yield value as { type: string };
    for (const item of Object.values(value)) yield* walkTree(item);
  }
}

/** A copy of the whole query in which `change` has replaced expressions, subqueries included. */
export function mapTree<Value>(value: Value, change: (node: Expression) => Expression): Value {
  if (Array.isArray(value)) return value.map((item) => mapTree(item as unknown, change)) as Value;
  if (!isRecord(value)) return value;
  const copy = Object.fromEntries(
    Object.entries(value).map(([field, inner]) => [field, mapTree(inner, change)]),
  );
  return (isExpression(copy) ? change(copy) : copy) as Value;
}
