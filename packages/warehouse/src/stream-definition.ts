import type { JsonSchema } from '@traffic-events/singer';
import {
  LEDGER_KEY_PROPERTIES,
  LEDGER_STREAM,
  REPLACE_BY,
  REPLACE_BY_KEY,
  RESERVED_COLUMNS,
} from '@traffic-events/slice';
import { columnKind } from './column-kind.ts';
import type { ColumnKind, NumberMode } from './column-kind.ts';
import { StreamSchemaError } from './errors.ts';
import { distinctIdentifiers, identifierOf } from './naming.ts';
import type { NamingRules } from './naming.ts';

/** A column, and the property of the records that fills it. */
export interface ColumnDefinition {
  readonly property: string;
  readonly name: string;
  readonly kind: ColumnKind;
  readonly schema: JsonSchema;
  readonly isRequired: boolean;
  readonly isNullable: boolean;
}

/** How records become rows: by slices, into the ledger, by key, or added. */
export type LoadMethod = 'slices' | 'ledger' | 'upsert' | 'append' | 'overwrite';

/** A stream as the loader sees it. */
export interface StreamDefinition {
  readonly stream: string;
  readonly table: string;
  readonly method: LoadMethod;
  readonly columns: readonly ColumnDefinition[];
  /** Properties that identify a record. */
  readonly keyProperties: readonly string[];
}

export interface DefinitionRules extends NamingRules {
  readonly numberMode: NumberMode;
  /** For streams that are neither slices nor the ledger; by their keys unless given. */
  readonly method?: 'upsert' | 'append' | 'overwrite';
}

interface DescribedStream {
  readonly stream: string;
  readonly schema: JsonSchema;
  readonly keyProperties: readonly string[];
}

/** What becomes of a stream with this schema. Throws `StreamSchemaError`, which says what is wrong. */
export function defineStream(described: DescribedStream, rules: DefinitionRules): StreamDefinition {
  const { stream, schema, keyProperties } = described;
  const properties = propertiesOf(described);
  const method = methodOf(described, rules);
  const absent = keyProperties.filter((key) => !(key in properties));
  if (absent.length > 0) {
    throw new StreamSchemaError(
      stream,
      `key_properties names ${absent.join(', ')}, which the schema has no property for. Add it to the schema, or leave it out of key_properties.`,
    );
  }
  return {
    stream,
    table: identifierOf(tableNameOf(stream), rules),
    method,
    columns: columnsOf(properties, schema, rules),
    keyProperties,
  };
}

function propertiesOf({ stream, schema }: DescribedStream): Readonly<Record<string, JsonSchema>> {
  const { properties } = schema;
  if (Array.isArray(schema['key_properties'])) {
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

/** Dashes part a database schema from a table in some taps' names; the table is the last part. */
function tableNameOf(stream: string): string {
  return stream.split('-').at(-1) || stream;
}

function methodOf(described: DescribedStream, rules: DefinitionRules): LoadMethod {
  if (isLedger(described)) return 'ledger';
  if (described.schema[REPLACE_BY_KEY] !== undefined) return sliceMethod(described);
  const byKeys = described.keyProperties.length > 0 ? 'upsert' : 'append';
  if (rules.method === 'upsert') return byKeys;
  return rules.method ?? byKeys;
}

function isLedger({ stream, keyProperties }: DescribedStream): boolean {
  return (
    stream === LEDGER_STREAM &&
    keyProperties.length === LEDGER_KEY_PROPERTIES.length &&
    LEDGER_KEY_PROPERTIES.every((key) => keyProperties.includes(key))
  );
}

function sliceMethod({ stream, schema }: DescribedStream): 'slices' {
  const replaceBy: unknown = schema[REPLACE_BY_KEY];
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
  const absent = RESERVED_COLUMNS.filter((column) => !(column in properties));
  if (absent.length === 0) return 'slices';
  throw new StreamSchemaError(stream, `a slice stream needs the properties ${absent.join(', ')}.`);
}
