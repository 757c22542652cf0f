import { FIRST_ROW_NUMBER } from '@traffic-events/slice';
import type { ResultRow, SliceResult } from '@traffic-events/slice';
import { DataRefusedError } from '../../errors.ts';
import { constantsOf, ownColumns } from '../../tables/result-columns.ts';
import { UnfitValueError } from '../../tables/unfit-value-error.ts';
import { shown } from '../../tables/value-text.ts';
import { copyField, FIELD_END, NULL_FIELD, ROW_END } from './copy-text.ts';
import { textField } from './value-encoder.ts';
import type { EncodingRules } from './value-encoder.ts';

/** Columns of the warehouse in the order in which `ResultRows` writes them. */
export function resultColumns(result: SliceResult): string[] {
  return [...Object.keys(constantsOf(result)), ...ownColumns(result), 'row_number'];
}

/** Writes the rows of a result in COPY's text format: what is the same in all rows is written once. */
export class ResultRows {
  readonly #result: SliceResult;
  readonly #rules: EncodingRules;
  readonly #prefix: string;
  #rowNumber = FIRST_ROW_NUMBER - 1;

  constructor(result: SliceResult, rules: EncodingRules = {}) {
    this.#result = result;
    this.#rules = rules;
    this.#prefix = Object.values(constantsOf(result))
      .map((value) => copyField(value) + FIELD_END)
      .join('');
  }

  /** The next row; its number follows from the order of the calls. */
  next(cells: ResultRow): string {
    this.#rowNumber += 1;
    let row = this.#prefix;
    for (let index = 0; index < cells.length; index += 1) {
      const cell = cells[index] ?? null;
      row += (cell === null ? NULL_FIELD : this.#field(cell, index)) + FIELD_END;
    }
    return row + this.#rowNumber + ROW_END;
  }

  #field(cell: string, index: number): string {
    try {
      return textField(cell, this.#rules);
    } catch (error) {
      if (!(error instanceof UnfitValueError)) throw error;
      const column = this.#result.columns[index]?.name;
      throw new DataRefusedError(`column ${column}: ${shown(cell)} ${error.message}`, {
        row: this.#rowNumber,
      });
    }
  }
}
