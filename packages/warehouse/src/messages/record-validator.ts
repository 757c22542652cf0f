import { isExactNumber } from '@traffic-events/singer';
import type { JsonSchema } from '@traffic-events/singer';
import { compilePattern } from './pattern.ts';

/** What is wrong with a value: where in it, and why. */
export interface Violation {
  /** Names and indexes below the value that was checked; empty for the value itself. */
  readonly path: readonly (string | number)[];
  readonly problem: string;
}

export type Validator = (value: unknown) => Violation | undefined;

/**
 * Checks values against the parts of JSON Schema that taps use: type, enum, const, anyOf, oneOf,
 * allOf, properties, required, additionalProperties, items, and the limits of numbers, texts and
 * lists. `format` is judged by the column that the value goes to; a pattern that cannot be matched in
 * linear time is left out.
 */
export function compileValidator(schema: JsonSchema): Validator {
  const checks = [
    typeCheck(schema),
    enumCheck(schema),
    ...combinedChecks(schema),
    numberCheck(schema),
    textCheck(schema),
    listCheck(schema),
    objectCheck(schema),
  ].filter((check) => check !== undefined);
  return (value) => {
    for (const check of checks) {
      const violation = check(value);
      if (violation !== undefined) return violation;
    }
    return undefined;
  };
}

type JsonType = 'null' | 'boolean' | 'integer' | 'number' | 'string' | 'array' | 'object';

function typeCheck({ type }: JsonSchema): Validator | undefined {
  const types: unknown[] = Array.isArray(type) ? type : [type];
  const allowed = types.filter((item) => typeof item === 'string');
  if (allowed.length === 0) return undefined;
  return (value) => {
    const actual = typeOf(value);
    if (allowed.includes(actual)) return undefined;
    if (actual === 'integer' && allowed.includes('number')) return undefined;
    return failed(`is ${show(value)}, but the schema allows ${allowed.join(' or ')}.`);
  };
}

function typeOf(value: unknown): JsonType {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (isExactNumber(value)) return /^-?\d+(?:\.0+)?$/.test(value.rawJSON) ? 'integer' : 'number';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value as 'boolean' | 'string' | 'object';
}

function enumCheck(schema: JsonSchema): Validator | undefined {
  const values: unknown = 'const' in schema ? [schema['const']] : schema['enum'];
  if (!Array.isArray(values)) return undefined;
  const allowed = new Set(values.map((value) => JSON.stringify(value)));
  return (value) =>
    allowed.has(JSON.stringify(value))
      ? undefined
      : failed(`is ${show(value)}, which is not among the values that the schema lists.`);
}

function combinedChecks(schema: JsonSchema): (Validator | undefined)[] {
  const any = subschemas(schema['anyOf'] ?? schema['oneOf'])?.map(compileValidator);
  const all = subschemas(schema['allOf'])?.map(compileValidator);
  return [any === undefined ? undefined : (value) => anyOf(any, value), ...(all ?? [])];
}

function anyOf(validators: readonly Validator[], value: unknown): Violation | undefined {
  if (validators.some((validator) => validator(value) === undefined)) return undefined;
  return failed(`is ${show(value)}, which none of the schema's alternatives allows.`);
}

function numberCheck(schema: JsonSchema): Validator | undefined {
  const limits = LIMITS.flatMap(({ key, exceeds, words }) => {
    const limit = schema[key];
    return typeof limit === 'number' ? [{ limit, exceeds, words }] : [];
  });
  if (limits.length === 0) return undefined;
  return (value) => {
    const number = isExactNumber(value) ? Number(value.rawJSON) : value;
    if (typeof number !== 'number') return undefined;
    const broken = limits.find(({ limit, exceeds }) => exceeds(number, limit));
    return broken && failed(`is ${show(value)}, but ${broken.words} ${broken.limit}.`);
  };
}

/** Limits are compared as doubles: one at the edge of the doubles' precision is let pass. */
const LIMITS = [
  {
    key: 'minimum',
    words: 'the schema asks for at least',
    exceeds: (n: number, l: number) => n < l,
  },
  { key: 'maximum', words: 'the schema allows at most', exceeds: (n: number, l: number) => n > l },
  { key: 'exclusiveMinimum', words: 'it must be above', exceeds: (n: number, l: number) => n <= l },
  { key: 'exclusiveMaximum', words: 'it must be below', exceeds: (n: number, l: number) => n >= l },
] as const;

function textCheck({ minLength, maxLength, pattern }: JsonSchema): Validator | undefined {
  const expression = typeof pattern === 'string' ? compilePattern(pattern) : undefined;
  if (minLength === undefined && maxLength === undefined && expression === undefined) {
    return undefined;
  }
  return (value) => {
    if (typeof value !== 'string') return undefined;
    if (expression?.(value) === false) return failed(`does not match ${String(pattern)}.`);
    const length = lengthOf(value);
    if (typeof minLength === 'number' && length < minLength) {
      return failed(`is ${length} characters long, but the schema asks for at least ${minLength}.`);
    }
    if (typeof maxLength === 'number' && length > maxLength) {
      return failed(`is ${length} characters long, but the schema allows at most ${maxLength}.`);
    }
    return undefined;
  };
}

/** JSON Schema counts code points. */
function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}

function listCheck({ items, minItems, maxItems }: JsonSchema): Validator | undefined {
  const each = isSchema(items) ? compileValidator(items) : undefined;
  if (each === undefined && minItems === undefined && maxItems === undefined) return undefined;
  return (value) => {
    if (!Array.isArray(value)) return undefined;
    const tooFew = typeof minItems === 'number' && value.length < minItems;
    const tooMany = typeof maxItems === 'number' && value.length > maxItems;
    if (tooFew || tooMany)
      return failed(`has ${value.length} items, which the schema does not allow.`);
    return each && firstBelow(value.map((item, index) => [index, each(item)] as const));
  };
}

function objectCheck(schema: JsonSchema): Validator | undefined {
  const properties = Object.entries(schemasOf(schema['properties'])).map(
    ([name, property]) => [name, compileValidator(property)] as const,
  );
  const required = textsOf(schema['required']);
  const others = othersCheck(schema);
  if (properties.length === 0 && required.length === 0 && others === undefined) return undefined;
  return (value) => {
    if (typeOf(value) !== 'object') return undefined;
    const object = value as Readonly<Record<string, unknown>>;
    const missing = required.find((name) => !Object.hasOwn(object, name));
    if (missing !== undefined) return { path: [missing], problem: 'is required, but missing.' };
    const checked = properties.map(([name, validator]) => {
      const isPresent = Object.hasOwn(object, name);
      return [name, isPresent ? validator(object[name]) : undefined] as const;
    });
    return firstBelow(checked) ?? others?.(object);
  };
}

function othersCheck(schema: JsonSchema): Validator | undefined {
  const others: unknown = schema['additionalProperties'];
  const known = new Set(Object.keys(schemasOf(schema['properties'])));
  if (others !== false && !isSchema(others)) return undefined;
  const validator: Validator =
    others === false
      ? () => failed('is not among the properties that the schema allows.')
      : compileValidator(others);
  return (value) =>
    firstBelow(
      Object.entries(value as object)
        .filter(([name]) => !known.has(name))
        .map(([name, item]) => [name, validator(item)] as const),
    );
}

function firstBelow(
  checked: readonly (readonly [string | number, Violation | undefined])[],
): Violation | undefined {
  for (const [place, violation] of checked) {
    if (violation !== undefined) return { ...violation, path: [place, ...violation.path] };
  }
  return undefined;
}

function failed(problem: string): Violation {
  return { path: [], problem };
}

function show(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function schemasOf(value: unknown): Readonly<Record<string, JsonSchema>> {
  return isSchema(value) ? (value as Readonly<Record<string, JsonSchema>>) : {};
}

function subschemas(value: unknown): JsonSchema[] | undefined {
  return Array.isArray(value) ? value.filter(isSchema) : undefined;
}

/** Keywords that only describe, or that the column itself judges for a plain value. */
const PLAIN_KEYS = new Set([
  'type',
  'format',
  'title',
  'description',
  'default',
  'examples',
  '$comment',
  'selected',
  'inclusion',
]);

/** Whether a column of the right kind, and a look for null, judge a value as the schema does. */
export function isPlainSchema(schema: JsonSchema): boolean {
  const { type } = schema;
  const types: unknown[] = (Array.isArray(type) ? type : [type]).filter((item) => item !== 'null');
  const isScalar = types.length === 1 && types[0] !== 'object' && types[0] !== 'array';
  return (
    isScalar && Object.keys(schema).every((key) => PLAIN_KEYS.has(key) || key.startsWith('x-'))
  );
}
