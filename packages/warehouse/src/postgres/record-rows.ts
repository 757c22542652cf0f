import type { RecordMessage } from '@traffic-events/singer';
import { RecordError } from '../errors.ts';
import type { ColumnDefinition, StreamDefinition } from '../stream-definition.ts';
import { FIELD_END, NulCharacterError, ROW_END } from './copy-text.ts';
import type { PreparedTable } from './stream-tables.ts';
import { encoderOf, UnfitValueError } from './value-encoder.ts';

type Record_ = RecordMessage['record'];

/** Turns the records of a stream into rows in COPY's text format. */
export class RecordRows {
  readonly #definition: StreamDefinition;
  readonly #encoders: readonly {
    readonly column: ColumnDefinition;
    readonly encode: (value: unknown) => string;
  }[];

  constructor({ definition, kinds }: PreparedTable) {
    this.#definition = definition;
    this.#encoders = definition.columns.map((column) => ({
      column,
      encode: encoderOf(kinds.get(column.name) ?? column.kind),
    }));
  }

  /** A record as a row. Throws `RecordError`, which names stream, key and property. */
  row(record: Record_): string {
    this.#checkKey(record);
    let row = '';
    for (const { column, encode } of this.#encoders) {
      const value = record[column.property];
      if (value === undefined && column.isRequired) {
        throw this.#error(record, column.property, 'is required, but missing.');
      }
      row += (row === '' ? '' : FIELD_END) + this.#encoded(record, column, encode, value);
    }
    return row + ROW_END;
  }

  /** What identifies a record, as one text; records of the same key have the same. */
  keyOf(record: Record_): string {
    return JSON.stringify(this.#definition.keyProperties.map((key) => record[key] ?? null));
  }

  #encoded(
    record: Record_,
    column: ColumnDefinition,
    encode: (value: unknown) => string,
    value: unknown,
  ): string {
    try {
      return encode(value);
    } catch (error) {
      if (error instanceof UnfitValueError)
        throw this.#error(record, column.property, error.message);
      if (!(error instanceof NulCharacterError)) throw error;
      throw this.#error(record, column.property, 'holds U+0000, which PostgreSQL cannot store.');
    }
  }

  #checkKey(record: Record_): void {
    const missing = this.#definition.keyProperties.find((key) => record[key] === undefined);
    if (missing !== undefined) {
      throw this.#error(record, missing, 'is one of its key_properties, but missing.');
    }
  }

  #error(record: Record_, property: string, problem: string): RecordError {
    const { stream, keyProperties } = this.#definition;
    const key = keyProperties.length === 0 ? undefined : this.keyOf(record);
    return new RecordError(problem, { stream, property, key });
  }
}
