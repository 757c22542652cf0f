import { parseJson } from '@traffic-events/singer';
import type { RecordMessage, RecordShape } from '@traffic-events/singer';
import { RecordError } from '../errors.ts';
import type { Envelope, LoadTimes, MetadataColumn } from '../metadata-columns.ts';
import { compileValidator, isPlainSchema } from '../record-validator.ts';
import type { Validator } from '../record-validator.ts';
import type { ColumnDefinition, StreamDefinition } from '../stream-definition.ts';
import { FIELD_END, NULL_FIELD, NulCharacterError, ROW_END } from './copy-text.ts';
import type { PreparedTable } from './stream-tables.ts';
import { UnfitValueError } from '../unfit-value-error.ts';
import { ValueEncoder } from './value-encoder.ts';
import type { EncodingRules } from './value-encoder.ts';

export interface RecordRules extends EncodingRules {
  /** Whether records are held to their schema, beyond what their columns ask for. */
  readonly isValidated: boolean;
}

/** A record's fields in the order of the table's columns, in COPY's text format. */
export type Fields = readonly string[];

type Values = RecordMessage['record'];

interface RecordColumn {
  readonly column: ColumnDefinition;
  readonly encoder: ValueEncoder;
  /** Absent where the column itself judges as the schema does. */
  readonly validator: Validator | undefined;
  readonly refusesNull: boolean;
}

/** Turns the records of a stream into rows. Errors are `RecordError`s with stream, key and property. */
export class RecordRows {
  readonly #definition: StreamDefinition;
  readonly #columns: readonly RecordColumn[];
  readonly #metadata: readonly {
    readonly column: MetadataColumn;
    readonly encoder: ValueEncoder;
  }[];
  readonly #keyIndexes: readonly number[];

  constructor({ definition, kinds, metadata }: PreparedTable, rules: RecordRules) {
    this.#definition = definition;
    this.#columns = definition.columns.map((column) => ({
      column,
      encoder: new ValueEncoder(kinds.get(column.name) ?? column.kind, rules),
      validator: validatorOf(column, rules),
      refusesNull: rules.isValidated && !column.isNullable,
    }));
    this.#metadata = metadata.map((column) => ({
      column,
      encoder: new ValueEncoder(column.kind, rules),
    }));
    this.#keyIndexes = definition.keyProperties.map((key) =>
      definition.columns.findIndex(({ property }) => property === key),
    );
  }

  /** Names of the columns that the fields are for. */
  get columns(): string[] {
    return [
      ...this.#columns.map(({ column }) => column.name),
      ...this.#metadata.map(({ column }) => column.name),
    ];
  }

  fields(record: Values, envelope: Envelope, times: LoadTimes): Fields {
    this.#checkKey(record);
    const fields = this.#columns.map((column) => this.#field(column, record));
    for (const { column, encoder } of this.#metadata) {
      fields.push(encoder.encode(column.valueOf(envelope, times)));
    }
    return fields;
  }

  /**
   * Where the values of a shape's lines go, by their order in the line; -1 for properties without a
   * column. Undefined where such lines need a look at the whole record.
   */
  placesOf(shape: RecordShape): number[] | undefined {
    if (this.#metadata.length > 0) return undefined;
    const lacking = this.#columns.filter(
      ({ column }) => !shape.properties.includes(column.property),
    );
    const keys: readonly string[] = this.#definition.keyProperties;
    const isNeeded = lacking.some(
      ({ column }) => column.isRequired || keys.includes(column.property),
    );
    if (isNeeded) return undefined;
    return shape.properties.map((name) =>
      this.#columns.findIndex(({ column }) => column.property === name),
    );
  }

  /** The fields of a line that has just matched `shape`, without parsing what needs no parsing. */
  fieldsOfLine(line: string, shape: RecordShape, places: readonly number[]): Fields {
    const fields: string[] = [];
    while (fields.length < this.#columns.length) fields.push(NULL_FIELD);
    const { starts, ends, firstBackslash } = shape;
    for (let index = 0; index < places.length; index += 1) {
      const place = places[index] as number;
      if (place === -1) continue;
      const start = starts[index] as number;
      const end = ends[index] as number;
      const isPlain = firstBackslash === -1 || end <= firstBackslash;
      fields[place] = this.#fieldOfToken(place, line, start, end, isPlain);
    }
    return fields;
  }

  /** What identifies a row; rows of the same key have the same. */
  keyOf(fields: Fields): string {
    if (this.#keyIndexes.length === 1) return fields[this.#keyIndexes[0] as number] as string;
    return this.#keyIndexes.map((index) => fields[index]).join(FIELD_END);
  }

  #field(column: RecordColumn, record: Values): string {
    const { property, isRequired } = column.column;
    const value = record[property];
    if (value === undefined) {
      if (isRequired) throw this.#error(record, property, 'is required, but missing.');
      return NULL_FIELD;
    }
    try {
      return this.#checked(column, value);
    } catch (error) {
      throw this.#explained(error, property, () => this.#keyText(record));
    }
  }

  #fieldOfToken(place: number, line: string, start: number, end: number, isPlain: boolean): string {
    const column = this.#columns[place] as RecordColumn;
    try {
      const isNull = line.charCodeAt(start) === LOWER_N;
      if (isNull && !column.refusesNull) return NULL_FIELD;
      if (isNull || column.validator !== undefined) return this.#reparsed(column, line, start, end);
      return column.encoder.encodeToken(line, start, end, isPlain);
    } catch (error) {
      throw this.#explained(error, column.column.property, () => undefined);
    }
  }

  #reparsed(column: RecordColumn, line: string, start: number, end: number): string {
    return this.#checked(column, parseJson(line.slice(start, end)));
  }

  #checked({ encoder, validator, refusesNull }: RecordColumn, value: unknown): string {
    if (value === null && refusesNull && validator === undefined) {
      throw new UnfitValueError('is null, which the schema does not allow.');
    }
    const violation = validator?.(value);
    if (violation === undefined) return encoder.encode(value);
    const below = violation.path.map((part) => `.${part}`).join('');
    throw new UnfitValueError(`${below === '' ? '' : `at ${below} `}${violation.problem}`);
  }

  #checkKey(record: Values): void {
    for (const key of this.#definition.keyProperties) {
      if (record[key] === undefined) {
        throw this.#error(record, key, 'is one of its key_properties, but missing.');
      }
    }
  }

  #explained(error: unknown, property: string, key: () => string | undefined): unknown {
    const { stream } = this.#definition;
    if (error instanceof UnfitValueError) {
      return new RecordError(error.message, { stream, property, key: key() });
    }
    if (!(error instanceof NulCharacterError)) return error;
    return new RecordError(
      'holds U+0000, which PostgreSQL cannot store. Set nul_replacement to what it is to become, or remove it at the source.',
      { stream, property, key: key() },
    );
  }

  #error(record: Values, property: string, problem: string): RecordError {
    const { stream } = this.#definition;
    return new RecordError(problem, { stream, property, key: this.#keyText(record) });
  }

  #keyText(record: Values): string | undefined {
    const { keyProperties } = this.#definition;
    if (keyProperties.length === 0) return undefined;
    const key = keyProperties.map((name) => [name, record[name] ?? null] as const);
    return JSON.stringify(Object.fromEntries(key));
  }
}

const LOWER_N = 110;

function validatorOf(column: ColumnDefinition, rules: RecordRules): Validator | undefined {
  if (!rules.isValidated || isPlainSchema(column.schema)) return undefined;
  return compileValidator(column.schema);
}

/** Fields as a row of COPY's text format. */
export function rowOf(fields: Fields): string {
  return fields.join(FIELD_END) + ROW_END;
}
