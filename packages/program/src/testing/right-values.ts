import type { SettingDefinitions } from '@traffic-events/singer';

/** The part of JSON Schema that settings are described in. */
export interface SettingSchema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly format?: string;
  readonly anyOf?: readonly SettingSchema[];
  readonly oneOf?: readonly SettingSchema[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly items?: SettingSchema;
  readonly minItems?: number;
  readonly properties?: Readonly<Record<string, SettingSchema>>;
  readonly required?: readonly string[];
}

/**
 * Values that a setting takes, from its own description: all that it names, both ends of a range, and
 * an object once with each of its optional keys.
 */
export function rightValues(schema: SettingSchema): unknown[] {
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (schema.const !== undefined) return [schema.const];
  if (schema.enum !== undefined) return [...schema.enum];
  if (schema.examples !== undefined) return [...schema.examples];
  if (alternatives !== undefined) return alternatives.flatMap(rightValues);
  const types = [schema.type ?? []].flat();
  if (types.length === 0) throw new TypeError(`no value for ${JSON.stringify(schema)}`);
  return types.flatMap((type) => BY_TYPE[type]?.(schema) ?? []);
}

const BY_FORMAT: Readonly<Record<string, string>> = {
  date: '2026-01-31',
  'date-time': '2026-01-31T06:00:00Z',
};

const BY_TYPE: Readonly<Record<string, (schema: SettingSchema) => unknown[]>> = {
  null: () => [null],
  boolean: () => [true, false],
  integer: numbersOf,
  number: numbersOf,
  string: ({ default: given, format }) => [
    typeof given === 'string' ? given : (BY_FORMAT[format ?? ''] ?? 'a text'),
  ],
  array: ({ items = {}, minItems = 0 }) => [
    ...rightValues(items).map((item) => [item]),
    ...(minItems === 0 ? [[]] : []),
  ],
  object: objectsOf,
};

function numbersOf({ minimum, exclusiveMinimum, maximum, default: given }: SettingSchema) {
  const least = minimum ?? (exclusiveMinimum ?? -1) + 1;
  const most = maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? least + 100 : maximum;
  return [...new Set([least, most, ...(given === undefined ? [] : [given])])];
}

function objectsOf({ properties = {}, required = [] }: SettingSchema): unknown[] {
  const base = Object.fromEntries(
    required.map((name) => [name, rightValues(properties[name] ?? {})[0]]),
  );
  const variants = Object.entries(properties).flatMap(([name, schema]) =>
    rightValues(schema).map((value) => ({ ...base, [name]: value })),
  );
  return [base, ...variants];
}

/** Name and value, for each right value of each setting of a Singer program. */
export function rightSettingValues(definitions: SettingDefinitions): [string, unknown][] {
  return Object.entries(definitions).flatMap(([name, setting]) => {
    const { kind, allowed, examples, default: given } = setting;
    const values = rightValues({
      type: kind === 'date' ? 'string' : kind,
      default: given,
      ...(kind === 'date' ? { format: 'date' } : {}),
      ...(allowed === undefined ? {} : { enum: allowed }),
      ...(examples === undefined ? {} : { examples }),
    });
    return values.map((value): [string, unknown] => [name, value]);
  });
}
