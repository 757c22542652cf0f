import { TrafficEventsError } from './traffic-events-error.ts';

export interface CsvCellErrorDetails {
  readonly file: string;
  /** From 1, the header included. */
  readonly line: number;
  readonly column: string;
  readonly type: string;
  readonly value: string;
}

/** A cell that does not fit the type of its column. */
export class CsvCellError extends TrafficEventsError {
  override readonly name = 'CsvCellError' as const;
  readonly code = 'csv_cell' as const;
  readonly action = 'skippable' as const;
  readonly file: string;
  readonly line: number;
  readonly column: string;
  readonly value: string;

  constructor({ file, line, column, type, value }: CsvCellErrorDetails) {
    super(
      `${file}, line ${line}, column ${column}: ${JSON.stringify(value)} is no ${type}; override the column's type if it is right`,
    );
    this.file = file;
    this.line = line;
    this.column = column;
    this.value = value;
  }
}
