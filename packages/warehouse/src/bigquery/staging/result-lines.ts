import { Readable } from 'node:stream';
import { describeSlice, FIRST_ROW_NUMBER } from '@traffic-events/slice';
import type { ResultRow, SliceResult } from '@traffic-events/slice';
import type { ColumnKind } from '../../tables/column-kind.ts';
import { SliceError } from '../../errors.ts';
import { constantsOf, ownColumns } from '../../tables/result-columns.ts';
import type { PreparedTable } from '../../tables/prepared-table.ts';
import { jsonInteger } from './value-encoder.ts';

/** How kinds are written whose canonical text is not to be a string. */
const BARE: Readonly<Partial<Record<ColumnKind, (cell: string) => string>>> = {
  integer: jsonInteger,
  boolean: (cell) => cell,
  double: (cell) => cell,
};
// oxlint-disable-next-line no-control-regex -- JSON escapes exactly these
const NEEDS_ESCAPE = /["\\\u0000-\u001f\ud800-\udfff]/;
const CHUNK_CHARACTERS = 256 * 1024;

/** The rows of results of one stream as bytes of a load job, from the first row each time. */
export function resultBytes(results: readonly SliceResult[], table: PreparedTable): Readable {
  return Readable.from(chunksOf(results, table), { objectMode: false });
}

async function* chunksOf(
  results: readonly SliceResult[],
  table: PreparedTable,
): AsyncGenerator<Buffer> {
  for (const result of results) yield* chunks(result, table);
}

/** Throws where there are not as many rows as declared, which others' could make up for. */
async function* chunks(result: SliceResult, table: PreparedTable): AsyncGenerator<Buffer> {
  const lines = new ResultLines(result, table);
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
  readonly lead: string;
  readonly write: (cell: string) => string;
}

/** Writes the rows of a result as JSON lines: what is the same in all rows is written once. */
class ResultLines {
  readonly #prefix: string;
  readonly #rowNumberLead: string;
  readonly #columns: readonly CellColumn[];
  #rowNumber = FIRST_ROW_NUMBER - 1;

  constructor(result: SliceResult, { definition, kinds }: PreparedTable) {
    const names = new Map(definition.columns.map(({ property, name }) => [property, name]));
    const cellColumn = (property: string): CellColumn => {
      const column = names.get(property) ?? property;
      const kind = kinds.get(column) ?? 'text';
      return { lead: `${JSON.stringify(column)}:`, write: BARE[kind] ?? quoted };
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
      const { lead, write } = this.#columns[index] as CellColumn;
      line += `,${lead}${write(cell)}`;
    }
    return `${line}${this.#rowNumberLead}${this.#rowNumber}}\n`;
  }
}

function quoted(cell: string): string {
  return NEEDS_ESCAPE.test(cell) ? JSON.stringify(cell) : `"${cell}"`;
}
