import type { Threshold } from '@traffic-events/client';
import type { Behaviour } from '../settings/behaviour.ts';
import type { PendingQuery } from './pending.ts';
import { Rejection } from './rejection.ts';
import type { Column } from './scope.ts';
import { walkTree } from './syntax-tree.ts';
import type { Expression, QueryNode, SelectNode } from './syntax-tree.ts';
import { strictest } from './threshold.ts';

/** What the service takes of unions and HAVING, and how it treats the rows of a union. */
export type QueryDialect = Pick<
  Behaviour,
  | 'unions'
  | 'maxUnionBranches'
  | 'maxOutputColumns'
  | 'unionThresholds'
  | 'unionLabels'
  | 'having'
  | 'rowOrder'
>;

/** The SELECTs that the rows of a query come from, in order. */
export function finalBranches(node: QueryNode): SelectNode[] {
  if (node.type === 'SELECT_NODE') return [node];
  return [...finalBranches(node.left), ...finalBranches(node.right)];
}

/** Throws Rejection for what the service takes no queries with. */
export function checkDialect(node: QueryNode, dialect: QueryDialect): void {
  for (const part of walkTree(node)) {
    if (part.type === 'SET_OPERATION_NODE') {
      const name = part['setop_all'] === true ? 'UNION ALL' : 'UNION';
      const isTaken = dialect.unions === 'all' || (dialect.unions !== 'none' && name !== 'UNION');
      if (!isTaken) throw new Rejection(`${name} is not supported`);
    }
    const hasHaving = part.type === 'SELECT_NODE' && (part['having'] ?? null) !== null;
    if (hasHaving && !dialect.having) throw new Rejection('HAVING is not supported');
  }
  refuseMore(finalBranches(node).length, dialect.maxUnionBranches, 'branches of a UNION');
}

/** Throws Rejection where the output is wider than the service lets it be. */
export function checkWidth(columns: readonly Column[], { maxOutputColumns }: QueryDialect): void {
  refuseMore(columns.length, maxOutputColumns, 'output columns');
}

function refuseMore(count: number, limit: number | null, things: string): void {
  if (limit === null || count <= limit) return;
  throw new Rejection(`The query has ${count} ${things}, the limit is ${limit}`);
}

/** The query with the texts of its first branch in all others, where the service mixes them up. */
export function withLabels(node: QueryNode, { unionLabels }: QueryDialect): QueryNode {
  if (unionLabels !== 'repeated') return node;
  return repeatFirst(node, finalBranches(node)[0]?.select_list ?? []);
}

function repeatFirst(node: QueryNode, first: readonly Expression[]): QueryNode {
  if (node.type === 'SET_OPERATION_NODE') {
    return { ...node, left: repeatFirst(node.left, first), right: repeatFirst(node.right, first) };
  }
  const items = node.select_list.map((item, index) => {
    const label = first[index];
    return isText(item) && label !== undefined && isText(label) ? label : item;
  });
  return { ...node, select_list: items };
}

function isText(item: Expression): boolean {
  const value = item['value'] as { type?: { id?: string } } | undefined;
  return item.class === 'CONSTANT' && value?.type?.id === 'VARCHAR';
}

/** The thresholds that rows are judged by: of the output, and of each branch where that decides. */
export function judgedBy(pending: PendingQuery, dialect: QueryDialect) {
  const { unionThresholds, unionLabels } = dialect;
  const isBlanked = (column: Column) => unionLabels === 'blanked' && column.constant === 'text';
  const labelled = (column: Column): Threshold =>
    isBlanked(column) ? strictest([column.threshold, 'LOW']) : column.threshold;
  const isUnion = pending.branches.length > 1;
  const raised = (column: Column): Threshold =>
    isUnion && unionThresholds === 'medium' && column.constant !== 'text'
      ? strictest([labelled(column), 'MEDIUM'])
      : labelled(column);
  const output = pending.columns.map(raised);
  const filled = (column: Column, index: number): Threshold =>
    column.constant === 'null' ? 'NONE' : (output[index] ?? 'NONE');
  const isWhole = !isUnion || unionThresholds === 'output' || unionThresholds === 'medium';
  const judge = unionThresholds === 'branch' ? labelled : filled;
  return {
    output,
    branches: isWhole ? undefined : pending.branches.map((columns) => columns.map(judge)),
  };
}
