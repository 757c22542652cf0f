import type { JsonSchema } from '@traffic-events/singer';

/** What a column holds, whatever the warehouse calls it. */
export type ColumnKind =
  | 'integer'
  | 'numeric'
  | 'double'
  | 'boolean'
  | 'date'
  | 'timestamp'
  | 'time'
  | 'uuid'
  | 'text'
  | 'json';

/** How `number` is held: exactly, or as an IEEE double where the tap says that it is one. */
export type NumberMode = 'numeric' | 'double';

const FORMATS: ReadonlyMap<unknown, ColumnKind> = new Map([
  ['date', 'date'],
  ['date-time', 'timestamp'],
  ['time', 'time'],
  ['uuid', 'uuid'],
]);

const MAX_BIGINT = 2n ** 63n - 1n;
const MIN_BIGINT = -(2n ** 63n);

/**
 * Kind of column that holds every value which `schema` allows: unions get a kind that holds all of
 * their members, and a property without a type is held as JSON.
 */
export function columnKind(schema: JsonSchema, numberMode: NumberMode = 'numeric'): ColumnKind {
  const kinds = new Set(memberKinds(schema, numberMode));
  if (kinds.size === 0) return 'json';
  return [...kinds].reduce(unite);
}

/** Whether a schema says what a property is, other than null. */
export function isTyped(schema: JsonSchema): boolean {
  return memberKinds(schema, 'numeric').length > 0;
}

function memberKinds(schema: JsonSchema, numberMode: NumberMode): ColumnKind[] {
  const alternatives = ['anyOf', 'oneOf'].flatMap((key) => subschemas(schema[key]));
  if (alternatives.length > 0) {
    return alternatives.flatMap((member) => memberKinds(member, numberMode));
  }
  const all = subschemas(schema['allOf']);
  if (all.length > 0 && schema['type'] === undefined) {
    return all.flatMap((member) => memberKinds(member, numberMode)).slice(0, 1);
  }
  return typesOf(schema).flatMap((type) => kindOfType(type, schema, numberMode));
}

function kindOfType(type: string, schema: JsonSchema, numberMode: NumberMode): ColumnKind[] {
  switch (type) {
    case 'null':
      return [];
    case 'integer':
      return [fitsBigint(schema) ? 'integer' : 'numeric'];
    case 'number':
      return [numberMode];
    case 'boolean':
      return ['boolean'];
    case 'string':
      return [FORMATS.get(schema['format']) ?? 'text'];
    default:
      return ['json'];
  }
}

/** A schema may say outright that its integers go beyond 64 bits. */
function fitsBigint(schema: JsonSchema): boolean {
  return !isBeyondBigint(schema['minimum']) && !isBeyondBigint(schema['maximum']);
}

function isBeyondBigint(limit: unknown): boolean {
  if (typeof limit !== 'number' || !Number.isInteger(limit)) return false;
  // 2^63 - 1 is no double; its neighbour stands for it in schemas that went through one.
  return BigInt(limit) > MAX_BIGINT + 1n || BigInt(limit) < MIN_BIGINT;
}

const TEXTUAL: ReadonlySet<ColumnKind> = new Set(['text', 'date', 'timestamp', 'time', 'uuid']);

function unite(left: ColumnKind, right: ColumnKind): ColumnKind {
  return widened(left, right) ?? (TEXTUAL.has(left) && TEXTUAL.has(right) ? 'text' : 'json');
}

/**
 * The kind that holds the values of both without losing anything and without changing how they
 * read: integer and numeric, date and timestamp. Undefined where there is none.
 */
export function widened(left: ColumnKind, right: ColumnKind): ColumnKind | undefined {
  if (left === right) return left;
  const pair = new Set([left, right]);
  const isWithin = (...kinds: ColumnKind[]) => [...pair].every((kind) => kinds.includes(kind));
  if (isWithin('integer', 'numeric', 'double')) return 'numeric';
  if (isWithin('date', 'timestamp')) return 'timestamp';
  return undefined;
}

function typesOf(schema: JsonSchema): string[] {
  const { type } = schema;
  if (typeof type === 'string') return [type];
  if (Array.isArray(type)) return type.filter((item) => typeof item === 'string');
  if (schema['properties'] !== undefined) return ['object'];
  if (schema['items'] !== undefined) return ['array'];
  return [];
}

function subschemas(value: unknown): JsonSchema[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'object' && item) : [];
}
