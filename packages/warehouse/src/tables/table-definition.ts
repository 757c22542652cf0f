import type { JsonSchema } from '@traffic-events/singer';
import {
  LEDGER_KEY_PROPERTIES,
  LEDGER_STREAM,
  REPLACE_BY,
  REPLACE_BY_KEY,
  RESERVED_COLUMNS,
} from '@traffic-events/slice';
import type { StreamDescription } from '@traffic-events/slice';
import { columnKind, isTyped } from './column-kind.ts';
import type { ColumnKind, NumberMode } from './column-kind.ts';
import { StreamSchemaError } from '../errors.ts';
import { descriptionOf } from './description.ts';
import { extractedDefinitions } from './extracted-definitions.ts';
import type { DefinitionOfStream } from './extracted-definitions.ts';
import { distinctIdentifiers, identifierOf, OWN_PREFIX } from './naming.ts';
import type { NamingRules } from './naming.ts';

/** A column, and the property of the records that fills it. */
export interface ColumnDefinition {
  readonly property: string;
  readonly name: string;
  readonly kind: ColumnKind;
  readonly schema: JsonSchema;
  readonly isRequired: boolean;
  readonly isNullable: boolean;
  /** Whether the schema says what it is, other than null. */
  readonly isTyped: boolean;
}

/** How records become rows: by slices, into the ledger, by key, or added. */
export type LoadMethod = 'slices' | 'ledger' | 'upsert' | 'append' | 'overwrite';

/** A stream as the loader sees it. */
export interface TableDefinition {
  readonly stream: string;
  /** Database schema that the stream's own name asks for; that of the loader otherwise. */
  readonly schema: string | undefined;
  readonly table: string;
  readonly method: LoadMethod;
  /** What it is, in words. */
  readonly description: string | undefined;
  readonly columns: readonly ColumnDefinition[];
  /** Properties that identify a record. */
  readonly keyProperties: readonly string[];
  /** How names of columns are made. */
  readonly naming: NamingRules;
  /** Whether a property gets a second column where its own cannot hold its new type. */
  readonly mayAddColumns: boolean;
  /** What the accounts of a stream of slices are asked for, where that is told. */
  readonly definitions: readonly DefinitionOfStream[];
}

export interface DefinitionRules extends NamingRules {
  readonly numberMode: NumberMode;
  /** `sales-users` is table `users` in schema `sales`, not table `sales-users`. */
  readonly isSchemaInName?: boolean;
  /** For streams that are neither slices nor the ledger; by their keys unless given. */
  readonly method?: 'upsert' | 'append' | 'overwrite' | undefined;
  /** What becomes of a property whose new type its column cannot hold. */
  readonly typeConflict?: 'error' | 'new_column' | undefined;
}

/** What becomes of a stream with this schema. Throws `StreamSchemaError`, which says what is wrong. */
export function defineTable(described: StreamDescription, rules: DefinitionRules): TableDefinition {
  const { stream, schema, keyProperties } = described;
  const properties = propertiesOf(described);
  refuseHalves(stream, Object.keys(properties));
  const method = methodOf(described, rules);
  const absent = keyProperties.filter((key) => !Object.hasOwn(properties, key));
  if (absent.length > 0) {
    throw new StreamSchemaError(
      stream,
      `key_properties names ${absent.join(', ')}, which the schema has no property for. Add it to the schema, or leave it out of key_properties.`,
    );
  }
  const [schemaName, tableName] = placeOf(stream, rules);
  const table = identifierOf(tableName, rules);
  refuseOwnName(stream, table);
  return {
    stream,
    schema: schemaName === undefined ? undefined : identifierOf(schemaName, rules),
    table,
    method,
    description: descriptionOf(schema),
    columns: columnsOf(properties, schema, rules),
    keyProperties,
    naming: rules,
    mayAddColumns: rules.typeConflict === 'new_column' && method !== 'slices',
    definitions: method === 'slices' ? extractedDefinitions(described) : [],
  };
}

/** Columns of a table's key, in its order. */
export function keyColumns({ keyProperties, columns }: TableDefinition): ColumnDefinition[] {
  return keyProperties.flatMap((key) => columns.filter(({ property }) => property === key));
}

export function keyNames(definition: TableDefinition): string[] {
  return keyColumns(definition).map(({ name }) => name);
}

/** Two names that differ in such a half alone would be one to every warehouse. */
function refuseHalves(stream: string, properties: readonly string[]): void {
  const half = [stream, ...properties].find((name) => !name.isWellFormed());
  if (half === undefined) return;
  throw new StreamSchemaError(
    stream.toWellFormed(),
    `the name ${JSON.stringify(half)} holds half of a character (a surrogate without its other half). Have the tap write whole characters.`,
  );
}

function refuseOwnName(stream: string, table: string): void {
  if (!table.toLowerCase().startsWith(OWN_PREFIX)) return;
  throw new StreamSchemaError(
    stream,
    `its table would be ${table}, but names that begin with ${OWN_PREFIX} are the loader's own. Rename the stream in the tap.`,
  );
}

function propertiesOf({
  stream,
  schema,
  keyProperties,
}: StreamDescription): Readonly<Record<string, JsonSchema>> {
  const { properties } = schema;
  if (keyProperties.length === 0 && Array.isArray(schema['key_properties'])) {
    throw new StreamSchemaError(
      stream,
      'key_properties stands inside the schema. It belongs beside it, at the top level of the SCHEMA message.',
    );
  }
  if (typeof properties === 'object' && properties !== null && Object.keys(properties).length > 0) {
    return properties as Readonly<Record<string, JsonSchema>>;
  }
  throw new StreamSchemaError(
    stream,
    'its schema has no properties, so there is no table to make. Have the tap describe its records.',
  );
}

function columnsOf(
  properties: Readonly<Record<string, JsonSchema>>,
  schema: JsonSchema,
  rules: DefinitionRules,
): ColumnDefinition[] {
  const names = Object.keys(properties);
  const identifiers = distinctIdentifiers(names, rules);
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  return names.map((property, index) => {
    const propertySchema = properties[property] ?? {};
    return {
      property,
      name: identifiers[index] ?? property,
      kind: columnKind(propertySchema, rules.numberMode),
      schema: propertySchema,
      isRequired: required.includes(property),
      isNullable: isNullable(propertySchema),
      isTyped: isTyped(propertySchema),
    };
  });
}

/** Whether null stands among the types that a schema allows. */
export function isNullable(schema: JsonSchema): boolean {
  const alternatives = [schema['anyOf'], schema['oneOf']].flatMap((value) =>
    Array.isArray(value) ? (value as JsonSchema[]) : [],
  );
  if (alternatives.length > 0) return alternatives.some(isNullable);
  const { type } = schema;
  return type === undefined || type === 'null' || (Array.isArray(type) && type.includes('null'));
}

/** Some taps put a database schema before the table's name, with a dash between. */
function placeOf(stream: string, rules: DefinitionRules): [string | undefined, string] {
  const dash = rules.isSchemaInName === true ? stream.lastIndexOf('-') : -1;
  if (dash <= 0 || dash === stream.length - 1) return [undefined, stream];
  return [stream.slice(0, dash).split('-').at(-1), stream.slice(dash + 1)];
}

function methodOf(described: StreamDescription, rules: DefinitionRules): LoadMethod {
  const kept = isLedger(described) ? 'ledger' : sliceMethod(described);
  if (kept !== undefined) return refuseOverwrite(described.stream, kept, rules);
  const byKeys = described.keyProperties.length > 0 ? 'upsert' : 'append';
  if (rules.method === 'upsert') return byKeys;
  return rules.method ?? byKeys;
}

function isLedger({ stream, keyProperties }: StreamDescription): boolean {
  return (
    stream === LEDGER_STREAM &&
    keyProperties.length === LEDGER_KEY_PROPERTIES.length &&
    LEDGER_KEY_PROPERTIES.every((key) => keyProperties.includes(key))
  );
}

/** The warehouse may be the only place that still has them. */
function refuseOverwrite<T extends LoadMethod>(
  stream: string,
  method: T,
  rules: DefinitionRules,
): T {
  if (rules.method !== 'overwrite') return method;
  throw new StreamSchemaError(
    stream,
    'it cannot be overwritten: what the API no longer has would be gone. Leave load_method out; slices are replaced one by one.',
  );
}

function sliceMethod({ stream, schema }: StreamDescription): 'slices' | undefined {
  const replaceBy: unknown = schema[REPLACE_BY_KEY];
  if (replaceBy === undefined) return undefined;
  const isKnown =
    Array.isArray(replaceBy) &&
    replaceBy.length === REPLACE_BY.length &&
    REPLACE_BY.every((column) => replaceBy.includes(column));
  if (!isKnown) {
    throw new StreamSchemaError(
      stream,
      `${REPLACE_BY_KEY} is ${JSON.stringify(replaceBy)}, but only ${JSON.stringify(REPLACE_BY)} can be replaced by.`,
    );
  }
  const properties = schema['properties'] as Readonly<Record<string, unknown>>;
  const absent = RESERVED_COLUMNS.filter((column) => !Object.hasOwn(properties, column));
  if (absent.length === 0) return 'slices';
  throw new StreamSchemaError(stream, `a slice stream needs the properties ${absent.join(', ')}.`);
}
