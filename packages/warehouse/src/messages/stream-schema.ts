import { cleanText } from '@traffic-events/client';
import { ownValue } from '@traffic-events/singer';
import type { JsonSchema } from '@traffic-events/singer';
import { StreamSchemaError } from '../errors.ts';
import { compilePattern } from './pattern.ts';
import { withoutSecrets } from './without-secrets.ts';

/** References may make a schema of any size from a short text. */
const MAX_PARTS = 100_000;
const MAX_DEPTH = 500;

/** Keywords whose value is a schema, a list of schemas, or an object of them. */
const SINGLE = ['items', 'additionalProperties'];
const LISTS = ['anyOf', 'oneOf', 'allOf'];

/**
 * The schema of a stream's records with its references resolved. Throws `StreamSchemaError`, which
 * names the property, for what is no schema, for a reference that leads elsewhere or to nothing, and
 * for one that comes back to itself.
 */
export function resolveSchema(stream: string, schema: JsonSchema): JsonSchema {
  return new Resolver(stream, schema).resolved;
}

/** A pattern that no record is held to, and the property that it is of. */
export interface UncheckedPattern {
  readonly property: string;
  readonly pattern: string;
}

/** Patterns that cannot be matched in linear time, and are not checked. */
export function uncheckedPatterns(schema: JsonSchema, place = ''): UncheckedPattern[] {
  const { pattern, properties } = schema;
  const isUnchecked = typeof pattern === 'string' && compilePattern(pattern) === undefined;
  const below = isSchema(properties) ? Object.entries(properties) : [];
  return [
    ...(isUnchecked ? [{ property: place, pattern: cleanText(pattern, 100) }] : []),
    ...below.flatMap(([name, part]) =>
      isSchema(part) ? uncheckedPatterns(part, place === '' ? name : `${place}.${name}`) : [],
    ),
    ...[...SINGLE, ...LISTS]
      .flatMap((key) => schema[key])
      .filter(isSchema)
      .flatMap((part) => uncheckedPatterns(part, place)),
  ];
}

class Resolver {
  readonly resolved: JsonSchema;
  readonly #stream: string;
  readonly #root: JsonSchema;
  /** References that are being followed. */
  readonly #open = new Set<string>();
  #parts = 0;

  constructor(stream: string, root: JsonSchema) {
    this.#stream = stream;
    this.#root = root;
    this.resolved = this.#schema(root, []);
  }

  /** `names` lead to the schema, which may be anything, from the top. */
  #schema(value: unknown, names: readonly string[]): JsonSchema {
    if (value === true) return {};
    if (!isSchema(value)) {
      this.#refuse(names, `is described by ${shown(value)}, which is no schema. ${CURE}`);
    }
    this.#parts += 1;
    if (this.#parts > MAX_PARTS || names.length > MAX_DEPTH) {
      this.#refuse(
        names.slice(0, 1),
        `has a schema of more than ${MAX_PARTS} parts, or deeper than ${MAX_DEPTH} levels, once its references are written out. ${CURE}`,
      );
    }
    const { $ref: reference, ...own } = value;
    if (reference === undefined) return this.#parted(value, names);
    const base = this.#referred(reference, names);
    return { ...base, ...this.#parted(own, names) };
  }

  #parted(schema: JsonSchema, names: readonly string[]): JsonSchema {
    this.#refuseUnknownTypes(schema['type'], names);
    const parts: Record<string, unknown> = { ...schema };
    for (const key of SINGLE) {
      const part = schema[key];
      const isLeft = part === undefined || typeof part === 'boolean' || Array.isArray(part);
      if (!isLeft) parts[key] = this.#schema(part, [...names, key]);
    }
    for (const key of LISTS) {
      const list = schema[key];
      if (!Array.isArray(list)) continue;
      parts[key] = list.map((part) => this.#schema(part, [...names, key]));
    }
    const { properties } = schema;
    if (properties === undefined || properties === null) return parts;
    if (!isSchema(properties)) {
      this.#refuse(names, `has properties that are ${shown(properties)}, and no object. ${CURE}`);
    }
    parts['properties'] = Object.fromEntries(
      Object.entries(properties).map(([name, part]) => [
        name,
        this.#schema(part, [...names, name]),
      ]),
    );
    return parts;
  }

  /** What a type means that JSON Schema does not have is anybody's guess. */
  #refuseUnknownTypes(type: unknown, names: readonly string[]): void {
    if (type === undefined) return;
    const types: readonly unknown[] = Array.isArray(type) ? type : [type];
    if (types.length > 0 && types.every((name) => TYPES.includes(name))) return;
    this.#refuse(
      names,
      `has the type ${shown(type)}, which JSON Schema does not have. Have the tap write one or more of ${TYPES.join(', ')}, or leave type out for anything.`,
    );
  }

  #referred(reference: unknown, names: readonly string[]): JsonSchema {
    if (typeof reference !== 'string' || !/^#(?:\/|$)/.test(reference)) {
      this.#refuse(
        names,
        `refers to ${shown(addressOf(reference))}, and nothing is fetched from elsewhere. ${CURE}`,
      );
    }
    if (this.#open.has(reference)) {
      this.#refuse(names, `refers to ${shown(reference)}, which comes back to itself. ${CURE}`);
    }
    const found = this.#find(reference);
    if (found === undefined) {
      this.#refuse(names, `refers to ${shown(reference)}, which its SCHEMA does not have. ${CURE}`);
    }
    this.#open.add(reference);
    const schema = this.#schema(found, [...names, '$ref']);
    this.#open.delete(reference);
    return schema;
  }

  #find(reference: string): unknown {
    const names = reference.slice(1).split('/').slice(1).map(pointed);
    return names.reduce<unknown>(
      (place, name) =>
        typeof place === 'object' && place !== null
          ? ownValue(place as Readonly<Record<string, unknown>>, name)
          : undefined,
      this.#root,
    );
  }

  #refuse(names: readonly string[], problem: string): never {
    const where = names.length === 0 ? 'its SCHEMA' : `property ${names.join('.')}`;
    throw new StreamSchemaError(this.#stream, `${cleanText(where, 200)} ${problem}`);
  }
}

const TYPES: readonly unknown[] = [
  'string',
  'integer',
  'number',
  'boolean',
  'object',
  'array',
  'null',
];

const CURE =
  'Have the tap write out an object such as {"type": "string"}; {"type": "object"} is held as JSON.';

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A name of a JSON pointer, which stands in an address. */
function pointed(name: string): string {
  return decoded(name).replaceAll('~1', '/').replaceAll('~0', '~');
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** What is no address of elsewhere is shown as it is. */
function addressOf(reference: unknown): unknown {
  const isAddress = typeof reference === 'string' && !reference.startsWith('#');
  return isAddress ? withoutSecrets(reference) : reference;
}

function shown(value: unknown): string {
  return cleanText(JSON.stringify(value), 100);
}
