import { FIRST_ROW_NUMBER } from '@traffic-events/slice';
import type { ResultRow, SliceResult } from '@traffic-events/slice';
import { SliceError } from '../../errors.ts';
import { constantsOf, ownColumns } from '../../tables/result-columns.ts';
import { copyField, FIELD_END, NULL_FIELD, NulCharacterError, ROW_END } from './copy-text.ts';

/** Columns of the warehouse in the order in which `ResultRows` writes them. */
export function resultColumns(result: SliceResult): string[] {
  return [...Object.keys(constantsOf(result)), ...ownColumns(result), 'row_number'];
}

/** Writes the rows of a result in COPY's text format: what is the same in all rows is written once. */
export class ResultRows {
  readonly #result: SliceResult;
  readonly #prefix: string;
  #rowNumber = FIRST_ROW_NUMBER - 1;

  constructor(result: SliceResult) {
    this.#result = result;
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
      return copyField(cell);
    } catch (error) {
      if (!(error instanceof NulCharacterError)) throw error;
      const { mark, columns } = this.#result;
      throw new SliceError(
        `${mark.stream} ${mark.account_id} ${mark.event_date}`,
        `column ${columns[index]?.name} of row ${this.#rowNumber} holds U+0000, which PostgreSQL cannot store.`,
      );
    }
  }
}
