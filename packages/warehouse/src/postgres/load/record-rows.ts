import { RecordFields } from '../../messages/record-fields.ts';
import type { Fields } from '../../messages/record-fields.ts';
import { FIELD_END, NULL_FIELD, ROW_END } from './copy-text.ts';
import type { PreparedTable } from '../../tables/prepared-table.ts';
import { fieldForm } from './value-encoder.ts';
import type { EncodingRules } from './value-encoder.ts';

interface RecordRules extends EncodingRules {
  /** Whether records are held to their schema, beyond what their columns ask for. */
  readonly isValidated: boolean;
}

/** What turns records into fields of COPY's text format. */
export function recordRows(table: PreparedTable, rules: RecordRules): RecordFields {
  return new RecordFields(table, {
    nullField: NULL_FIELD,
    isValidated: rules.isValidated,
    formOf: (kind) => fieldForm(kind, rules),
  });
}

/** What identifies a row by the fields at `places`; rows of the same key have the same. */
export function keyOf(fields: Fields, places: readonly number[]): string {
  if (places.length === 1) return fields[places[0] as number] as string;
  return places.map((place) => fields[place]).join(FIELD_END);
}

/** The fields of a row of COPY's text format, in which none of them has the end of one. */
export function fieldsOf(row: string): Fields {
  return row.slice(0, -ROW_END.length).split(FIELD_END);
}

/** Fields as a row of COPY's text format. */
export function rowOf(fields: Fields): string {
  return fields.join(FIELD_END) + ROW_END;
}
