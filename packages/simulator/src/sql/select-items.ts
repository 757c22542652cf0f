import type { Threshold } from '@traffic-events/client';
import { and, integer, isNotNull, notEqual } from './build.ts';
import type { Environment } from './environment.ts';
import { usersBehind } from './scope.ts';
import type { Column, ResolvedColumn, Scope } from './scope.ts';
import { childExpressions, isColumn, isFunction, isSubquery } from './syntax-tree.ts';
import type { ColumnReference, Expression, FunctionCall } from './syntax-tree.ts';
import { strictest } from './threshold.ts';
import { unionOfUsers, usersOfGroup } from './users.ts';
import type { Users } from './users.ts';

/** An item of a select list, and where its value comes from. */
export interface SelectItem {
  readonly expression: Expression;
  readonly column: Column;
  /** The users behind the item itself, where they may differ from the row's. */
  readonly ownUsers?: Users;
}

interface ItemContext {
  readonly scope: Scope;
  readonly environment: Environment;
  readonly grouped: boolean;
  /** Items already described, by alias in lower case: later ones may refer to them. */
  readonly aliases: ReadonlyMap<string, SelectItem>;
}

/** Aggregates whose contributions can be nothing: a user who adds 0 does not count. */
const NUMERIC_AGGREGATES = new Set([
  'sum',
  'avg',
  'mean',
  'stddev',
  'stddev_pop',
  'stddev_samp',
  'variance',
  'var_pop',
  'var_samp',
  'skewness',
  'median',
  'percentile',
  'approx_percentile',
  'fsum',
  'kahan_sum',
]);

/** Aggregates that give away how many, but none of the values. */
const COUNTING_AGGREGATES = new Set(['count', 'count_star', 'approx_count_distinct', 'count_if']);

export function describeItems(
  expressions: readonly Expression[],
  context: Omit<ItemContext, 'aliases'>,
): SelectItem[] {
  const aliases = new Map<string, SelectItem>();
  return expressions.map((expression) => {
    const item = describeItem(expression, { ...context, aliases });
    if (expression.alias !== '') aliases.set(expression.alias.toLowerCase(), item);
    return item;
  });
}

/** Aggregate calls in `expression`, outermost first; those over a window are none. */
export function* aggregatesIn(
  expression: Expression,
  aggregates: ReadonlySet<string>,
): Generator<FunctionCall> {
  if (isFunction(expression) && aggregates.has(expression.function_name.toLowerCase())) {
    yield expression;
    return;
  }
  for (const child of childExpressions(expression)) yield* aggregatesIn(child, aggregates);
}

function describeItem(expression: Expression, context: ItemContext): SelectItem {
  const calls = [...aggregatesIn(expression, context.environment.aggregates)];
  const threshold = strictest(thresholdsIn(expression, context));
  const name = nameOf(expression);
  if (calls.length > 0) {
    const ownUsers = unionOfUsers(calls.map((call) => usersOfAggregate(call, context.scope)));
    return { expression, column: { name, metric: true, threshold }, ownUsers };
  }
  const sources = context.grouped ? [] : [...sourcesOf(expression, context)];
  const own = sources.filter((source) => source.column.ownUsers !== undefined);
  return {
    expression,
    column: {
      name,
      metric: sources.some((source) => source.column.metric),
      threshold,
      ...constantOf(expression),
    },
    ...(own.length > 0 && { ownUsers: unionOfUsers(own.map(usersBehind)) }),
  };
}

function constantOf(expression: Expression): Pick<Column, 'constant'> {
  if (expression.class === 'CAST') return constantOf(expression['child'] as Expression);
  if (expression.class !== 'CONSTANT') return {};
  const { is_null: isNull, type } = expression['value'] as {
    is_null: boolean;
    type: { id: string };
  };
  if (isNull) return { constant: 'null' };
  return type.id === 'VARCHAR' ? { constant: 'text' } : {};
}

function nameOf(expression: Expression): string {
  if (expression.alias !== '') return expression.alias;
  return isColumn(expression) ? (expression.column_names.at(-1) ?? '') : '';
}

/** The users who contribute to an aggregate: those with a value, for sums one other than zero. */
function usersOfAggregate(aggregate: FunctionCall, scope: Scope): Users {
  const sources = aggregate.children.flatMap((child) => [...columnsIn(child, scope)]);
  const own = sources.filter((source) => source.column.ownUsers !== undefined);
  const users = own.length > 0 ? unionOfUsers(own.map(usersBehind)) : scope.rowUsers();
  return usersOfGroup(users, and(aggregate.filter, contribution(aggregate)), amount(aggregate));
}

function contribution(aggregate: FunctionCall): Expression | undefined {
  const [argument] = aggregate.children;
  if (argument === undefined) return undefined;
  const numeric = NUMERIC_AGGREGATES.has(aggregate.function_name.toLowerCase());
  return numeric ? notEqual(argument, integer(0)) : isNotNull(argument);
}

/** What a row adds to a sum or a count. */
function amount(aggregate: FunctionCall): Expression {
  const [argument] = aggregate.children;
  const summed = aggregate.function_name.toLowerCase() === 'sum' && argument !== undefined;
  return summed ? argument : integer(1);
}

/** The thresholds of all columns that `expression` shows something of. */
function* thresholdsIn(expression: Expression, context: ItemContext): Generator<Threshold> {
  if (isFunction(expression) && COUNTING_AGGREGATES.has(expression.function_name.toLowerCase())) {
    if (context.environment.aggregates.has(expression.function_name.toLowerCase())) return;
  }
  if (isColumn(expression)) {
    const found = context.scope.find(expression);
    yield found?.column.threshold ?? aliased(expression, context)?.column.threshold ?? 'NONE';
  }
  if (isSubquery(expression)) return;
  for (const child of childExpressions(expression)) yield* thresholdsIn(child, context);
}

function* sourcesOf(expression: Expression, context: ItemContext): Generator<ResolvedColumn> {
  if (isColumn(expression) && context.scope.find(expression) === undefined) {
    const item = aliased(expression, context);
    if (item !== undefined) yield* sourcesOf(item.expression, context);
    return;
  }
  yield* columnsIn(expression, context.scope);
}

function aliased(reference: ColumnReference, context: ItemContext): SelectItem | undefined {
  if (reference.column_names.length !== 1) return undefined;
  return context.aliases.get(reference.column_names[0]?.toLowerCase() ?? '');
}

function* columnsIn(expression: Expression, scope: Scope): Generator<ResolvedColumn> {
  if (isColumn(expression)) {
    const found = scope.find(expression);
    if (found !== undefined) yield found;
  }
  for (const child of childExpressions(expression)) yield* columnsIn(child, scope);
}
