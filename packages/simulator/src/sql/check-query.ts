import type { Environment } from './environment.ts';
import { checkFunctions } from './functions.ts';
import { Rejection } from './rejection.ts';
import type { Column, Scope } from './scope.ts';
import { aggregatesIn } from './select-items.ts';
import { isColumn, isFunction, walkExpression, walkTree } from './syntax-tree.ts';
import type { Expression, QueryNode } from './syntax-tree.ts';
import { REQUIRED_USERS } from './threshold.ts';

const UNSUPPORTED_MODIFIERS: Readonly<Record<string, string>> = {
  LIMIT_MODIFIER: 'LIMIT is not supported',
  LIMIT_PERCENT_MODIFIER: 'LIMIT is not supported',
  ORDER_MODIFIER: 'ORDER BY is only supported in OVER',
};

const SUPPORTED_JOINS = new Set(['INNER', 'LEFT', 'OUTER']);

/** Throws Rejection for what the grammar of the service leaves out (API.md 4). */
export function checkGrammar(node: QueryNode): void {
  checkFunctions(node);
  for (const part of walkTree(node)) {
    if (part.type === 'SELECT_NODE' || part.type === 'SET_OPERATION_NODE') {
      for (const modifier of part['modifiers'] as { type: string }[]) {
        const reason = UNSUPPORTED_MODIFIERS[modifier.type];
        if (reason !== undefined) throw new Rejection(reason);
      }
    }
    if (part.type === 'JOIN' && !SUPPORTED_JOINS.has(String(part['join_type']))) {
      throw new Rejection(`${String(part['join_type'])} JOIN is not supported`);
    }
    if (part.type === 'VALUE_PARAMETER') throw new Rejection('Unexpected parameter marker');
  }
}

/** Throws unless the final query aggregates, in each branch of a union. */
export function checkAggregates(node: QueryNode, environment: Environment): void {
  if (node.type === 'SET_OPERATION_NODE') {
    checkAggregates(node.left, environment);
    checkAggregates(node.right, environment);
    return;
  }
  const found = node.select_list.some(
    (item) => aggregatesIn(item, environment.aggregates).next().done !== true,
  );
  if (!found) {
    throw new Rejection('The final SELECT must contain at least one aggregate function');
  }
}

/** Throws when a column that may never leave the clean room is in the output. */
export function checkOutput(columns: readonly Column[]): void {
  const forbidden = columns.find((column) => column.threshold === 'VERY_HIGH');
  if (forbidden === undefined) return;
  throw new Rejection(
    `Column '${forbidden.name}' has aggregation threshold VERY_HIGH and cannot be part of the output`,
  );
}

/**
 * Throws when a literal is compared with a column of threshold HIGH or VERY_HIGH, such as user_id:
 * a single person could be picked out.
 */
export function checkLiterals(expression: Expression, scope: Scope): void {
  for (const part of walkExpression(expression)) {
    if (!comparesValues(part)) continue;
    const below = [...walkExpression(part)];
    const literal = below.some((each) => each.class === 'CONSTANT');
    const column = below.find((each) => isColumn(each) && isProtected(each, scope));
    if (!literal || column === undefined || !isColumn(column)) continue;
    throw new Rejection(
      `Column '${column.column_names.join('.')}' cannot be compared with a literal: its aggregation threshold forbids it`,
    );
  }
}

const MATCHING_FUNCTIONS =
  /^(!?~~\*?|regexp_\w+|contains|prefix|suffix|starts_with|ends_with|contained_in)$/;

function comparesValues(expression: Expression): boolean {
  if (expression.class === 'COMPARISON' || expression.class === 'BETWEEN') return true;
  if (isFunction(expression)) return MATCHING_FUNCTIONS.test(expression.function_name);
  return expression.class === 'OPERATOR' && /COMPARE_(NOT_)?IN/.test(expression.type);
}

function isProtected(reference: Expression, scope: Scope): boolean {
  if (!isColumn(reference)) return false;
  const level = scope.find(reference)?.column.threshold;
  return level === 'HIGH' || (level !== undefined && REQUIRED_USERS[level] === Infinity);
}
