import { subqueryTable } from './build.ts';
import { carried } from './pending.ts';
import type { Environment } from './environment.ts';
import { Rejection } from './rejection.ts';
import { rewriteSubqueries } from './rewrite-subqueries.ts';
import { renamed, Scope } from './scope.ts';
import type { Relation, Shape } from './scope.ts';
import { isBaseTable, isJoin, isSubqueryTable, isTableFunction, isValues } from './syntax-tree.ts';
import type { BaseTable, Expression, JoinTable, SubqueryTable } from './syntax-tree.ts';
import type { TableFunction, TableReference, ValuesTable } from './syntax-tree.ts';

/** A FROM clause whose tables carry the users of their rows, and what it offers. */
export interface RewrittenFrom {
  readonly table: TableReference;
  readonly relations: readonly Relation[];
}

export function rewriteFrom(table: TableReference, environment: Environment): RewrittenFrom {
  if (table.type === 'EMPTY') return { table, relations: [] };
  if (isBaseTable(table)) return fromTable(table, environment);
  if (isSubqueryTable(table)) return fromSubquery(table, environment);
  if (isJoin(table)) return fromJoin(table, environment);
  if (isValues(table)) return fromValues(table);
  if (isTableFunction(table)) return fromTableFunction(table, environment);
  throw new Rejection(`${table.type} is not supported in FROM`);
}

function fromTable(table: BaseTable, environment: Environment): RewrittenFrom {
  const name = table.table_name.toLowerCase();
  const alias = table.alias || table.table_name;
  const common = environment.commonTables.get(name);
  if (common !== undefined) return single(table, alias, renamed(common, table.column_name_alias));
  return sourceTable(environment, { name, alias });
}

function sourceTable(
  environment: Environment,
  wanted: { name: string; alias: string; before?: string; after?: string },
): RewrittenFrom {
  const { name, alias, before, after } = wanted;
  const extension = before === undefined || after === undefined ? undefined : { before, after };
  const { node, shape } = environment.sourceTable(name, extension);
  return {
    table: subqueryTable(node, alias),
    relations: [{ alias, ...shape, sourceTable: name }],
  };
}

function fromSubquery(table: SubqueryTable, environment: Environment): RewrittenFrom {
  const { node, shape } = carried(environment.carryUsers(table.subquery.node, environment));
  const alias = table.alias || 'subquery';
  const rewritten: SubqueryTable = { ...table, alias, subquery: { ...table.subquery, node } };
  return single(rewritten, alias, renamed(shape, table.column_name_alias));
}

function fromJoin(table: JoinTable, environment: Environment): RewrittenFrom {
  if (table.ref_type === 'NATURAL') throw new Rejection('NATURAL JOIN is not supported');
  const left = rewriteFrom(table.left, environment);
  const right = rewriteFrom(table.right, environment);
  const relations = [...left.relations, ...right.relations];
  const scope = new Scope(relations, environment.outer);
  const rewritten = rewriteSubqueries(table, { ...environment, outer: scope });
  return { table: { ...rewritten, left: left.table, right: right.table }, relations };
}

function fromValues(table: ValuesTable): RewrittenFrom {
  const width = table.values[0]?.length ?? 0;
  const names = (table['expected_names'] as string[] | undefined) ?? [];
  const columns = Array.from({ length: width }, (_, index) => ({
    name: names[index] ?? `col${index}`,
    metric: false,
    threshold: 'NONE' as const,
  }));
  return single(table, table.alias, { columns, users: 'none' });
}

/** EXTEND_TIME_WINDOW('table', 'P14D', 'P1D'), the only table function of the service. */
function fromTableFunction(table: TableFunction, environment: Environment): RewrittenFrom {
  const name = table.function.function_name;
  if (name !== 'extend_time_window') {
    throw new Rejection(`Table function ${name.toUpperCase()} is not supported`);
  }
  const [source, before, after] = table.function.children.map(literalText);
  if (source === undefined || before === undefined || after === undefined) {
    throw new Rejection("EXTEND_TIME_WINDOW takes a table and two durations such as 'P14D', 'P1D'");
  }
  return sourceTable(environment, { name: source, alias: table.alias || source, before, after });
}

function literalText(expression: Expression): string | undefined {
  const constant = expression['value'] as { value?: unknown } | undefined;
  return typeof constant?.value === 'string' ? constant.value : undefined;
}

function single(table: TableReference, alias: string, shape: Shape): RewrittenFrom {
  return { table, relations: [{ alias, ...shape }] };
}
