import type { Environment } from './environment.ts';
import { isSubquery, mapExpression } from './syntax-tree.ts';
import type { Expression } from './syntax-tree.ts';

/** Queries inside expressions see the tables as they are at the execution's time, too. */
export function rewriteSubqueries<Node extends object>(node: Node, environment: Environment): Node {
  const rewrite = (expression: Expression): Expression => {
    if (!isSubquery(expression)) return expression;
    const pending = environment.carryUsers(expression.subquery.node, environment);
    const inner = pending.build({ form: 'bare', positions: [] });
    return { ...expression, subquery: { ...expression.subquery, node: inner } };
  };
  const copy = { ...node } as Record<string, unknown>;
  for (const field of ['select_list', 'group_expressions']) {
    const list = copy[field] as Expression[] | undefined;
    if (list !== undefined) copy[field] = list.map((each) => mapExpression(each, rewrite));
  }
  for (const field of ['where_clause', 'having', 'qualify', 'condition']) {
    const value = copy[field] as Expression | null | undefined;
    if (value) copy[field] = mapExpression(value, rewrite);
  }
  return copy as Node;
}
