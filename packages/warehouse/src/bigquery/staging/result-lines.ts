import { Readable } from 'node:stream';
import { describeSlice, FIRST_ROW_NUMBER } from '@traffic-events/slice';
import type { ResultRow, SliceResult } from '@traffic-events/slice';
import type { ColumnKind } from '../../tables/column-kind.ts';
import { DataRefusedError, SliceError } from '../../errors.ts';
import { constantsOf, ownColumns } from '../../tables/result-columns.ts';
import type { PreparedTable } from '../../tables/prepared-table.ts';
import { UnfitValueError } from '../../tables/unfit-value-error.ts';
import { shown } from '../../tables/value-text.ts';
import { wholeDigits } from '../../tables/plain-decimal.ts';
import { jsonInteger } from './value-encoder.ts';

type WriteCell = (cell: string) => string;

/** What becomes of values that not every warehouse can hold. */
export interface ResultRules {
  /** What U+0000 becomes; it stays unless given. */
  readonly nulReplacement?: string | undefined;
}

/** How canonical text is written, by kind; as text where a kind has no way of its own. */
function writersOf({ nulReplacement: replacement }: ResultRules) {
  const text: WriteCell =
    replacement === undefined
      ? quoted
      : (cell) => quoted(cell.includes('\u0000') ? cell.replaceAll('\u0000', replacement) : cell);
  const writers: Partial<Record<ColumnKind, WriteCell>> & { readonly text: WriteCell } = {
    text,
    integer: jsonInteger,
    boolean: asItIs,
    double: asItIs,
    numeric: quotedNumber,
    timestamp: quotedInstant,
  };
  return writers;
}

function asItIs(cell: string): string {
  return cell;
}

/** Digits before the point of the highest BIGNUMERIC; of as many digits some are beyond it. */
const MAX_WHOLE_DIGITS = 39;

function quotedNumber(cell: string): string {
  const isSmall = cell.length < MAX_WHOLE_DIGITS && !/e/i.test(cell);
  if (isSmall || wholeDigits(cell) <= MAX_WHOLE_DIGITS) return `"${cell}"`;
  throw new UnfitValueError(`is ${shown(cell)}, beyond the digits that BIGNUMERIC holds`);
}

/** Up to the microsecond, with its `Z`. */
const MAX_INSTANT_CHARACTERS = 27;

/** BigQuery holds microseconds; finer digits are cut, as they are from records. */
function quotedInstant(cell: string): string {
  return cell.length <= MAX_INSTANT_CHARACTERS
    ? `"${cell}"`
    : `"${cell.slice(0, MAX_INSTANT_CHARACTERS - 1)}Z"`;
}

// oxlint-disable-next-line no-control-regex -- JSON escapes exactly these
const NEEDS_ESCAPE = /["\\\u0000-\u001f\ud800-\udfff]/;
const CHUNK_CHARACTERS = 256 * 1024;

/** The rows of results of one stream as bytes of a load job, from the first row each time. */
export function resultBytes(
  results: readonly SliceResult[],
  table: PreparedTable,
  rules: ResultRules = {},
): Readable {
  return Readable.from(chunksOf(results, table, rules), { objectMode: false });
}

async function* chunksOf(
  results: readonly SliceResult[],
  table: PreparedTable,
  rules: ResultRules,
): AsyncGenerator<Buffer> {
  for (const result of results) yield* chunks(result, table, rules);
}

/** Throws where there are not as many rows as declared, which others' could make up for. */
async function* chunks(
  result: SliceResult,
  table: PreparedTable,
  rules: ResultRules,
): AsyncGenerator<Buffer> {
  const lines = new ResultLines(result, table, rules);
  let text = '';
  for await (const batch of result.rows()) {
    for (const cells of batch) {
      text += lines.next(cells);
      if (text.length < CHUNK_CHARACTERS) continue;
      yield Buffer.from(text);
      text = '';
    }
  }
  const { mark } = result;
  if (lines.count !== mark.row_count) {
    throw new SliceError(
      describeSlice({
        stream: mark.stream,
        accountId: mark.account_id,
        eventDate: mark.event_date,
      }),
      `${mark.row_count} rows were declared, but execution ${mark.execution_id} has ${lines.count}. Nothing of it was kept. Run again.`,
    );
  }
  if (text !== '') yield Buffer.from(text);
}

interface CellColumn {
  readonly name: string;
  readonly lead: string;
  readonly write: WriteCell;
}

/** Writes the rows of a result as JSON lines: what is the same in all rows is written once. */
class ResultLines {
  readonly #prefix: string;
  readonly #rowNumberLead: string;
  readonly #columns: readonly CellColumn[];
  #rowNumber = FIRST_ROW_NUMBER - 1;

  constructor(result: SliceResult, { definition, kinds }: PreparedTable, rules: ResultRules) {
    const writers = writersOf(rules);
    const names = new Map(definition.columns.map(({ property, name }) => [property, name]));
    const cellColumn = (property: string): CellColumn => {
      const column = names.get(property) ?? property;
      const kind = kinds.get(column) ?? 'text';
      return {
        name: column,
        lead: `${JSON.stringify(column)}:`,
        write: writers[kind] ?? writers.text,
      };
    };
    const constants = Object.entries(constantsOf(result)).map(([property, value]) => {
      const { lead, write } = cellColumn(property);
      return lead + write(value);
    });
    this.#prefix = `{${constants.join(',')}`;
    this.#rowNumberLead = `,${cellColumn('row_number').lead}`;
    this.#columns = ownColumns(result).map(cellColumn);
  }

  /** How many rows have been written. */
  get count(): number {
    return this.#rowNumber + 1 - FIRST_ROW_NUMBER;
  }

  /** The next row; its number follows from the order of the calls. */
  next(cells: ResultRow): string {
    this.#rowNumber += 1;
    let line = this.#prefix;
    for (let index = 0; index < this.#columns.length; index += 1) {
      const cell = cells[index] ?? null;
      if (cell === null) continue;
      const column = this.#columns[index] as CellColumn;
      line += `,${column.lead}${this.#written(cell, column)}`;
    }
    return `${line}${this.#rowNumberLead}${this.#rowNumber}}\n`;
  }

  #written(cell: string, { name, write }: CellColumn): string {
    try {
      return write(cell);
    } catch (error) {
      if (!(error instanceof UnfitValueError)) throw error;
      throw new DataRefusedError(`column ${name}: ${error.message}`, { row: this.#rowNumber });
    }
  }
}

function quoted(cell: string): string {
  return NEEDS_ESCAPE.test(cell) ? JSON.stringify(cell) : `"${cell}"`;
}
