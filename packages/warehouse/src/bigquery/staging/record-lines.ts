import { ownValue } from '@traffic-events/singer';
import type { StreamTable } from '../../driver.ts';
import { RecordFields } from '../../messages/record-fields.ts';
import type { Fields } from '../../messages/record-fields.ts';
import type { PreparedTable } from '../../tables/prepared-table.ts';
import { ORDER_COLUMN } from '../tables/names.ts';
import { fieldForm, NULL_FIELD } from './value-encoder.ts';

/** What turns records into fields of a load job's JSON. */
export function recordFields(
  table: PreparedTable,
  { isValidated }: { readonly isValidated: boolean },
): RecordFields {
  return new RecordFields(table, { nullField: NULL_FIELD, isValidated, formOf: fieldForm });
}

/** Fields of a stream's records as lines of a load job. */
export class RecordLines {
  readonly #columns: readonly string[];
  /** `"name":` of each column. */
  readonly #leads: readonly string[];
  readonly #isOrdered: boolean;

  constructor({ table, fields }: StreamTable) {
    const { method, keyProperties } = table.definition;
    this.#columns = fields.columns;
    this.#leads = fields.columns.map((name) => `${JSON.stringify(name)}:`);
    // Where rows of one key may come again, the last of them is told by its order.
    this.#isOrdered = method !== 'slices' && keyProperties.length > 0;
  }

  /** The fields that a line was made of. */
  fieldsOf(line: string): Fields {
    const values = JSON.parse(line) as Readonly<Record<string, unknown>>;
    return this.#columns.map((name) => JSON.stringify(ownValue(values, name) ?? null));
  }

  /** The line of a record's fields; `order` grows with every record. */
  line(fields: Fields, order: number): string {
    let line = this.#isOrdered ? `{"${ORDER_COLUMN}":${order}` : '';
    for (let index = 0; index < fields.length; index += 1) {
      const field = fields[index] as string;
      // What is absent is NULL; shorter lines load faster.
      if (field !== NULL_FIELD) line += (line === '' ? '{' : ',') + this.#leads[index] + field;
    }
    return line === '' ? '{}\n' : `${line}}\n`;
  }
}
