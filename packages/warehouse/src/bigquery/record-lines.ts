import type { RecordMessage } from '@traffic-events/singer';
import { RecordError } from '../errors.ts';
import type { Envelope, LoadTimes, MetadataColumn } from '../metadata-columns.ts';
import { compileValidator, isPlainSchema } from '../record-validator.ts';
import type { Validator } from '../record-validator.ts';
import type { ColumnDefinition, StreamDefinition } from '../stream-definition.ts';
import { ORDER_COLUMN } from './names.ts';
import type { PreparedTable } from './table-resources.ts';
import { UnfitValueError } from '../unfit-value-error.ts';
import { encoderOf } from './value-encoder.ts';

type Values = RecordMessage['record'];

interface RecordColumn {
  readonly column: ColumnDefinition;
  /** `"name":`, with a comma in front unless it is the first. */
  readonly lead: string;
  readonly encode: (value: unknown) => string;
  /** Absent where the column itself judges as the schema does. */
  readonly validate: Validator | undefined;
  readonly refusesNull: boolean;
}

interface AddedColumn {
  readonly column: MetadataColumn;
  readonly lead: string;
  readonly encode: (value: unknown) => string;
}

/** Turns the records of a stream into lines of a load job. Errors are `RecordError`s with stream, key and property. */
export class RecordLines {
  readonly #definition: StreamDefinition;
  readonly #columns: readonly RecordColumn[];
  readonly #metadata: readonly AddedColumn[];

  constructor(
    { definition, kinds, metadata }: PreparedTable,
    { isValidated }: { readonly isValidated: boolean },
  ) {
    this.#definition = definition;
    this.#columns = definition.columns.map((column) => ({
      column,
      lead: `${JSON.stringify(column.name)}:`,
      encode: encoderOf(kinds.get(column.name) ?? column.kind),
      validate:
        isValidated && !isPlainSchema(column.schema) ? compileValidator(column.schema) : undefined,
      refusesNull: isValidated && !column.isNullable,
    }));
    this.#metadata = metadata.map((column) => ({
      column,
      lead: `${JSON.stringify(column.name)}:`,
      encode: encoderOf(column.kind),
    }));
  }

  /** A line for a record; `order` grows with every record, so that the last of a key is known. */
  line(record: Values, order: number, envelope: Envelope, times: LoadTimes): string {
    this.#checkKey(record);
    let line = `{"${ORDER_COLUMN}":${order}`;
    for (const column of this.#columns) {
      const encoded = this.#field(column, record);
      // What is absent is NULL; shorter lines load faster.
      if (encoded !== 'null') line += `,${column.lead}${encoded}`;
    }
    for (const { column, lead, encode } of this.#metadata) {
      line += `,${lead}${encode(column.valueOf(envelope, times))}`;
    }
    return `${line}}\n`;
  }

  #field({ column, encode, validate, refusesNull }: RecordColumn, record: Values): string {
    const { property, isRequired } = column;
    const value = record[property];
    if (value === undefined) {
      if (isRequired) throw this.#error(record, property, 'is required, but missing.');
      return 'null';
    }
    try {
      if (value === null && refusesNull && validate === undefined) {
        throw new UnfitValueError('is null, which the schema does not allow.');
      }
      const violation = validate?.(value);
      if (violation === undefined) return encode(value);
      const below = violation.path.map((part) => `.${part}`).join('');
      throw new UnfitValueError(`${below === '' ? '' : `at ${below} `}${violation.problem}`);
    } catch (error) {
      if (!(error instanceof UnfitValueError)) throw error;
      throw this.#error(record, property, error.message);
    }
  }

  #checkKey(record: Values): void {
    for (const key of this.#definition.keyProperties) {
      if (record[key] === undefined) {
        throw this.#error(record, key, 'is one of its key_properties, but missing.');
      }
    }
  }

  #error(record: Values, property: string, problem: string): RecordError {
    const { stream, keyProperties } = this.#definition;
    const key = keyProperties.map((name) => [name, record[name] ?? null] as const);
    return new RecordError(problem, {
      stream,
      property,
      key: key.length === 0 ? undefined : JSON.stringify(Object.fromEntries(key)),
    });
  }
}
