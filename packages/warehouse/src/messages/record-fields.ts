import { exactNumber, isExactNumber, ownValue, parseJson } from '@traffic-events/singer';
import type { RecordFault, RecordMessage, RecordShape } from '@traffic-events/singer';
import { cleanText } from '@traffic-events/client';
import type { ColumnKind } from '../tables/column-kind.ts';
import { RecordError } from '../errors.ts';
import { VERSION_COLUMN } from '../tables/metadata-columns.ts';
import type { Envelope, LoadTimes, MetadataColumn } from '../tables/metadata-columns.ts';
import { compileValidator, isPlainSchema } from './record-validator.ts';
import type { Validator } from './record-validator.ts';
import type { ColumnLimit } from '../tables/fitting-column.ts';
import type { PreparedTable } from '../tables/prepared-table.ts';
import type { ColumnDefinition, TableDefinition } from '../tables/table-definition.ts';
import { TokenEncoder } from './token-encoder.ts';
import type { FieldForm } from './token-encoder.ts';
import { UnfitValueError } from '../tables/unfit-value-error.ts';
import { shown } from '../tables/value-text.ts';

/** A record's values as a load of its warehouse writes them, in the order of the table's columns. */
export type Fields = readonly string[];

interface RecordFieldsOptions {
  readonly nullField: string;
  /** Whether records are held to their schema, beyond what their columns ask for. */
  readonly isValidated: boolean;
  readonly formOf: (kind: ColumnKind) => FieldForm;
}

type Values = RecordMessage['record'];

interface RecordColumn {
  readonly column: ColumnDefinition;
  readonly kind: ColumnKind;
  readonly encoder: TokenEncoder;
  /** Absent where the column itself judges as the schema does. */
  readonly validator: Validator | undefined;
  readonly refusesNull: boolean;
}

interface AddedColumn {
  readonly column: MetadataColumn;
  readonly encoder: TokenEncoder;
}

/** Turns the records of a stream into fields. Errors are `RecordError`s with stream, key and property. */
export class RecordFields {
  readonly #definition: TableDefinition;
  readonly #nullField: string;
  readonly #columns: readonly RecordColumn[];
  readonly #metadata: readonly AddedColumn[];
  /** The property that is the version, where the stream has one of its own. */
  readonly #version: string | undefined;

  constructor(table: PreparedTable, options: RecordFieldsOptions) {
    const { definition, kinds, limits, metadata } = table;
    const { formOf, nullField, isValidated } = options;
    this.#definition = definition;
    this.#nullField = nullField;
    this.#version = definition.columns.find(({ name }) => name === VERSION_COLUMN)?.property;
    this.#columns = definition.columns.map((column) => {
      const kind = kinds.get(column.name) ?? column.kind;
      const isJudged = isValidated && !isPlainSchema(column.schema);
      return {
        column,
        kind,
        encoder: new TokenEncoder(limited(formOf(kind), limits.get(column.name))),
        validator: isJudged ? compileValidator(column.schema) : undefined,
        refusesNull: isValidated && !column.isNullable,
      };
    });
    this.#metadata = metadata.map((column) => ({
      column,
      encoder: new TokenEncoder(formOf(column.kind)),
    }));
  }

  /** Names of the columns that the fields are for. */
  get columns(): string[] {
    return [
      ...this.#columns.map(({ column }) => column.name),
      ...this.#metadata.map(({ column }) => column.name),
    ];
  }

  /** Place among the fields of a property's value; -1 where it has no column. */
  placeOf(property: string): number {
    return this.#columns.findIndex(({ column }) => column.property === property);
  }

  /** The property that a column holds; undefined for any other. */
  propertyOf(name: string | undefined): string | undefined {
    return this.#columns.find(({ column }) => column.name === name)?.column.property;
  }

  /** A record as its fields tell it; `textOf` is what a field stands for. */
  recordOf(fields: Fields, textOf: (field: string) => string): Values {
    const values = this.#columns.map(({ column, kind }, place) => {
      const field = fields[place] ?? this.#nullField;
      const value = field === this.#nullField ? null : valueOf(kind, textOf(field));
      return [column.property, value] as const;
    });
    return Object.fromEntries(values);
  }

  of(record: Values, envelope: Envelope, times: LoadTimes): Fields {
    this.#checkKey(record);
    const fields = this.#columns.map((column) => this.#field(column, record));
    for (const added of this.#metadata) {
      fields.push(this.#encoded(added, added.column.valueOf(envelope, times), record));
    }
    return fields;
  }

  /** Whether the row of a record, whose message has `version`, has a version. */
  isVersioned(record: Values, version: number | undefined): boolean {
    if (this.#version === undefined) return version !== undefined;
    return (ownValue(record, this.#version) ?? null) !== null;
  }

  /** The error for a record whose line is at fault. */
  errorOf(record: Values, { property, problem }: Omit<RecordFault, 'line'>): RecordError {
    return this.#error(record, property, problem);
  }

  /**
   * Where the values of a shape's lines go, by their order in the line; -1 for properties without a
   * column. Undefined where such lines need a look at the whole record.
   */
  placesOf(shape: RecordShape): number[] | undefined {
    if (this.#metadata.length > 0 || this.#version !== undefined) return undefined;
    const lacking = this.#columns.filter(
      ({ column }) => !shape.properties.includes(column.property),
    );
    const keys: readonly string[] = this.#definition.keyProperties;
    const isNeeded = lacking.some(
      ({ column }) => column.isRequired || keys.includes(column.property),
    );
    return isNeeded ? undefined : shape.properties.map((name) => this.placeOf(name));
  }

  /** The fields of a line that has just matched `shape`, without parsing what needs no parsing. */
  ofLine(line: string, shape: RecordShape, places: readonly number[]): Fields {
    const fields: string[] = [];
    while (fields.length < this.#columns.length) fields.push(this.#nullField);
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

  /** What the loader fills comes from the message around the record. */
  #encoded({ column, encoder }: AddedColumn, value: unknown, record: Values): string {
    try {
      return encoder.encode(value);
    } catch (error) {
      if (!(error instanceof UnfitValueError)) throw error;
      throw this.#error(record, column.name, error.message);
    }
  }

  #field(column: RecordColumn, record: Values): string {
    const { property, isRequired } = column.column;
    const value = ownValue(record, property);
    if (value === undefined) {
      if (isRequired) throw this.#error(record, property, 'is required, but missing.');
      return this.#nullField;
    }
    try {
      return checked(column, value);
    } catch (error) {
      throw error instanceof UnfitValueError ? this.#error(record, property, error.message) : error;
    }
  }

  #fieldOfToken(place: number, line: string, start: number, end: number, isPlain: boolean): string {
    const column = this.#columns[place] as RecordColumn;
    try {
      const isNull = line.charCodeAt(start) === LOWER_N;
      if (isNull && !column.refusesNull) return this.#nullField;
      if (isNull || column.validator !== undefined) {
        return checked(column, parseJson(line.slice(start, end)));
      }
      return column.encoder.encodeToken(line, start, end, isPlain);
    } catch (error) {
      if (!(error instanceof UnfitValueError)) throw error;
      const { stream } = this.#definition;
      throw new RecordError(error.message, { stream, property: column.column.property });
    }
  }

  #checkKey(record: Values): void {
    for (const key of this.#definition.keyProperties) {
      if (ownValue(record, key) === undefined) {
        throw this.#error(record, key, 'is one of its key_properties, but missing.');
      }
    }
  }

  #error(record: Values, property: string | undefined, problem: string): RecordError {
    const { stream, keyProperties } = this.#definition;
    const key = keyProperties.map((name) => [name, plain(ownValue(record, name))] as const);
    return new RecordError(problem, {
      stream,
      property,
      key: key.length === 0 ? undefined : keyText(Object.fromEntries(key)),
    });
  }
}

/** A value as a record had it, by the text that its column holds. */
function valueOf(kind: ColumnKind, text: string): unknown {
  if (kind === 'integer' || kind === 'numeric' || kind === 'double') return exactNumber(text);
  if (kind === 'boolean') return text.startsWith('t');
  return kind === 'json' ? parseJson(text) : text;
}

const MAX_KEY_CHARACTERS = 300;

function keyText(key: object): string {
  return cleanText(JSON.stringify(key), MAX_KEY_CHARACTERS);
}

/** A value of a key for messages, which may be of any depth. */
function plain(value: unknown): unknown {
  const isNested = typeof value === 'object' && value !== null && !isExactNumber(value);
  return isNested ? '…' : (value ?? null);
}

const LOWER_N = 110;

/** A form that looks at each value where the column is another's, and does not take all of them. */
function limited(form: FieldForm, limit: ColumnLimit | undefined): FieldForm {
  if (limit === undefined) return form;
  return {
    nullField: form.nullField,
    encode(value) {
      try {
        if (limit.holds(value)) return form.encode(value);
      } catch (error) {
        if (!(error instanceof UnfitValueError)) throw error;
      }
      throw new UnfitValueError(`is ${shown(value)}, ${limit.problem}`);
    },
  };
}

function checked({ encoder, validator, refusesNull }: RecordColumn, value: unknown): string {
  if (value === null && refusesNull && validator === undefined) {
    throw new UnfitValueError('is null, which the schema does not allow.');
  }
  const violation = validator?.(value);
  if (violation === undefined) return encoder.encode(value);
  const below = violation.path.map((part) => `.${part}`).join('');
  throw new UnfitValueError(`${below === '' ? '' : `at ${below} `}${violation.problem}`);
}
