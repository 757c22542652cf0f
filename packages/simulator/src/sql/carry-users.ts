import { column } from './build.ts';
import type { Environment, WithClause } from './environment.ts';
import { checkLiterals } from './check-query.ts';
import { carried, hiddenItems, withoutRepetitions } from './pending.ts';
import type { BuildRequest, PendingQuery } from './pending.ts';
import { Rejection } from './rejection.ts';
import { rewriteFrom } from './rewrite-from.ts';
import { rewriteSubqueries } from './rewrite-subqueries.ts';
import { renamed, Scope } from './scope.ts';
import type { Column, Relation } from './scope.ts';
import { aggregatesIn, describeItems } from './select-items.ts';
import type { SelectItem } from './select-items.ts';
import { isColumn, isJoin, walkExpression } from './syntax-tree.ts';
import type { CommonTable, Expression, QueryNode } from './syntax-tree.ts';
import type { SelectNode, SetOperationNode, TableReference } from './syntax-tree.ts';
import { strictest } from './threshold.ts';
import { usersOfGroup } from './users.ts';

/**
 * Analyses a query so that it can be built anew with the distinct users behind every row, and
 * behind every aggregate of a row, in hidden columns at the end of its select list.
 */
export function carryUsers(node: QueryNode, environment: Environment): PendingQuery {
  if (node.type === 'SELECT_NODE') return carryThroughSelect(node, environment);
  if (node.type === 'SET_OPERATION_NODE') return carryThroughUnion(node, environment);
  throw new Rejection('Recursive common table expressions are not supported');
}

function carryThroughUnion(node: SetOperationNode, environment: Environment): PendingQuery {
  if (node.setop_type !== 'UNION') throw new Rejection(`${node.setop_type} is not supported`);
  const clause = withClause(node.cte_map.map, environment);
  const left = carryUsers(node.left, clause.environment);
  const right = carryUsers(node.right, clause.environment);
  if (left.columns.length !== right.columns.length) {
    throw new Rejection(
      `The branches of UNION have ${left.columns.length} and ${right.columns.length} columns`,
    );
  }
  const union: PendingQuery = {
    columns: left.columns.map((each, index) => mergeColumns(each, right.columns[index])),
    users: left.users === right.users ? left.users : 'many',
    branches: [...left.branches, ...right.branches],
    positions: [...new Set([...left.positions, ...right.positions])].sort((a, b) => a - b),
    build: (request) => ({
      ...node,
      cte_map: { map: clause.map },
      setop_all: true,
      left: left.build(request),
      right: right.build(behind(request, left)),
    }),
  };
  return node.setop_all ? union : withoutRepetitions(union);
}

/** The branches of the right side are counted on from those of the left one. */
function behind(request: BuildRequest, { branches }: PendingQuery): BuildRequest {
  if (request.branch === undefined) return request;
  return { ...request, branch: request.branch + branches.length };
}

function mergeColumns(left: Column, right: Column | undefined): Column {
  if (right === undefined) return left;
  return {
    name: left.name,
    metric: left.metric || right.metric,
    threshold: strictest([left.threshold, right.threshold]),
    constant: left.constant === right.constant ? left.constant : undefined,
  };
}

function carryThroughSelect(original: SelectNode, environment: Environment): PendingQuery {
  const clause = withClause(original.cte_map.map, environment);
  const from = rewriteFrom(original.from_table, clause.environment);
  const scope = new Scope(from.relations, environment.outer);
  const inner = { ...clause.environment, outer: scope };
  const plain = { ...original, cte_map: { map: clause.map }, from_table: from.table };
  const node = rewriteSubqueries({ ...plain, select_list: expandStars(original, scope) }, inner);
  checkColumns(node, scope);
  const grouped = isGrouped(node, environment);
  const items = describeItems(node.select_list, { scope, environment, grouped });
  const pending = pendingSelect(node, items, scope, grouped);
  const distinct = original.modifiers.some((each) => each.type === 'DISTINCT_MODIFIER');
  return distinct ? withoutRepetitions(pending) : pending;
}

function pendingSelect(
  original: SelectNode,
  items: readonly SelectItem[],
  scope: Scope,
  grouped: boolean,
): PendingQuery {
  const node = {
    ...original,
    modifiers: original.modifiers.filter((each) => each.type !== 'DISTINCT_MODIFIER'),
  };
  const rowUsers = grouped ? usersOfGroup(scope.rowUsers()) : scope.rowUsers();
  const ownUsers = (position: number) => {
    const item = items[position];
    return item?.ownUsers ?? (item?.column.metric === true ? rowUsers : undefined);
  };
  const columns = items.map((item) => item.column);
  return {
    columns,
    branches: [columns],
    users: rowUsers.kind,
    positions: items.flatMap((item, index) => (item.ownUsers === undefined ? [] : [index])),
    build: (request) => ({
      ...node,
      select_list: [...node.select_list, ...hiddenItems(request, rowUsers, ownUsers)],
    }),
  };
}

function isGrouped(node: SelectNode, environment: Environment): boolean {
  if (node.group_expressions.length > 0 || node.having !== null) return true;
  if (node.aggregate_handling === 'FORCE_AGGREGATES') return true;
  return node.select_list.some(
    (item) => aggregatesIn(item, environment.aggregates).next().done !== true,
  );
}

function withClause(tables: readonly CommonTable[], environment: Environment): WithClause {
  const known = new Map(environment.commonTables);
  const inner = { ...environment, commonTables: known };
  const map = tables.map((table) => {
    const { node, shape } = carried(carryUsers(table.value.query.node, inner));
    known.set(table.key.toLowerCase(), renamed(shape, table.value.aliases));
    return { ...table, value: { ...table.value, query: { ...table.value.query, node } } };
  });
  return { map, environment: inner };
}

/** Stars are spelled out, or the hidden columns of common tables would be among them. */
function expandStars(node: SelectNode, scope: Scope): Expression[] {
  return node.select_list.flatMap((item) => {
    if (item.class !== 'STAR') return [item];
    const qualifier = String(item['relation_name']).toLowerCase();
    const relations = scope.relations.filter(
      (relation) => qualifier === '' || relation.alias.toLowerCase() === qualifier,
    );
    return relations.flatMap(columnsOf);
  });
}

function columnsOf(relation: Relation): Expression[] {
  if (relation.sourceTable !== undefined) {
    throw new Rejection(`SELECT * is not supported on table '${relation.sourceTable}'`);
  }
  return relation.columns.map((each) => column(relation.alias, each.name));
}

function checkColumns(node: SelectNode, scope: Scope): void {
  const aliases = new Set(node.select_list.map((item) => item.alias.toLowerCase()));
  const parts = [
    ...node.select_list,
    ...node.group_expressions,
    ...joinConditions(node.from_table),
  ];
  for (const part of [...parts, node.where_clause, node.having, node.qualify]) {
    if (part === null) continue;
    checkLiterals(part, scope);
    const parameters = lambdaParameters(part);
    for (const each of walkExpression(part)) {
      if (!isColumn(each)) continue;
      const name = each.column_names[0]?.toLowerCase() ?? '';
      const local = aliases.has(name) || parameters.has(name);
      if (!local) scope.check(each);
    }
  }
}

function joinConditions(table: TableReference): Expression[] {
  if (!isJoin(table)) return [];
  const own = table.condition === null ? [] : [table.condition];
  return [...own, ...joinConditions(table.left), ...joinConditions(table.right)];
}

function lambdaParameters(expression: Expression): ReadonlySet<string> {
  const names = new Set<string>();
  for (const each of walkExpression(expression)) {
    if (each.class !== 'LAMBDA') continue;
    const left = each['lhs'] as Expression | undefined;
    if (left !== undefined && isColumn(left)) names.add(left.column_names[0]?.toLowerCase() ?? '');
  }
  return names;
}
