import { cast, nullConstant, text } from './build.ts';
import { Rejection } from './rejection.ts';
import { isColumn, isFunction, mapTree } from './syntax-tree.ts';
import type { Expression, FunctionCall, QueryNode } from './syntax-tree.ts';

export type ParameterValues = Readonly<Record<string, unknown>>;

/**
 * The query with the execution's time and parameters in place of CURRENT_DATE, CAST('now' AS
 * TIMESTAMP), BUILT_IN_PARAMETER and CUSTOM_PARAMETER: nothing in it reads the machine's clock.
 */
export function substitute(node: QueryNode, values: ParameterValues): QueryNode {
  return mapTree(node, (expression) => {
    const replacement = replacementOf(expression, values);
    return replacement === undefined ? expression : { ...replacement, alias: expression.alias };
  });
}

function replacementOf(expression: Expression, values: ParameterValues): Expression | undefined {
  if (isColumn(expression)) return currentTime(expression.column_names.join('.'));
  if (expression.class === 'CAST') return relativeCast(expression);
  return isFunction(expression) ? replaceCall(expression, values) : undefined;
}

/** A named parameter of the prepared statement. */
function parameter(name: string, typeId: string): Expression {
  return cast({ class: 'PARAMETER', type: 'VALUE_PARAMETER', alias: '', identifier: name }, typeId);
}

function currentTime(name: string): Expression | undefined {
  switch (name.toUpperCase()) {
    case 'CURRENT_DATE':
      return parameter('as_of', 'DATE');
    case 'CURRENT_TIMESTAMP':
      return parameter('as_of', 'TIMESTAMP');
    default:
      return undefined;
  }
}

function relativeCast(expression: Expression): Expression | undefined {
  const child = expression['child'] as Expression;
  const word = constantOf(child);
  const typeId = (expression['cast_type'] as { id: string }).id;
  if (word === 'today' || word === 'now') return parameter('as_of', typeId);
  return undefined;
}

function replaceCall(node: FunctionCall, values: ParameterValues): Expression | undefined {
  const name = node.function_name.toLowerCase();
  if (name === 'current_date' || name === 'current_timestamp') return currentTime(name);
  if (name === 'cardinality') return { ...node, function_name: 'len' };
  if (name === 'contained_in') return isAmong(node.children);
  if (name !== 'built_in_parameter' && name !== 'custom_parameter') return undefined;
  const [first] = node.children;
  const wanted = first === undefined ? undefined : constantOf(first);
  if (typeof wanted !== 'string') throw new Rejection(`${name.toUpperCase()} takes a quoted name`);
  return name === 'built_in_parameter' ? builtIn(wanted) : custom(wanted, values);
}

/** CONTAINED_IN(test, one, other, ...) */
function isAmong(children: Expression[]): Expression {
  return { class: 'OPERATOR', type: 'COMPARE_IN', alias: '', children };
}

function builtIn(name: string): Expression {
  if (name === 'TIME_WINDOW_START') return parameter('window_start', 'TIMESTAMP');
  if (name === 'TIME_WINDOW_END') return parameter('window_end', 'TIMESTAMP');
  throw new Rejection(`Built-in parameter '${name}' is not defined`);
}

function custom(name: string, values: ParameterValues): Expression {
  if (!Object.hasOwn(values, name)) throw new Rejection(`Parameter '${name}' is not defined`);
  const value = values[name];
  if (value === null || value === undefined) return nullConstant();
  const literal = text(typeof value === 'string' ? value : JSON.stringify(value));
  if (typeof value === 'number')
    return cast(literal, Number.isInteger(value) ? 'BIGINT' : 'DOUBLE');
  return typeof value === 'boolean' ? cast(literal, 'BOOLEAN') : literal;
}

function constantOf(expression: Expression): unknown {
  if (expression.class !== 'CONSTANT') return undefined;
  return (expression['value'] as { value?: unknown }).value;
}
