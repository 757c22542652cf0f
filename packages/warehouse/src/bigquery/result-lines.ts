import { Readable } from 'node:stream';
import { DISCRIMINATOR_COLUMN, FIRST_ROW_NUMBER, warehouseColumn } from '@traffic-events/slice';
import type { ResultRow, SliceResult } from '@traffic-events/slice';
import type { ColumnKind } from '../column-kind.ts';
import type { PreparedTable } from './table-resources.ts';

/** Kinds whose canonical text is their JSON. */
const BARE: ReadonlySet<ColumnKind | undefined> = new Set(['integer', 'boolean', 'double']);
// oxlint-disable-next-line no-control-regex -- JSON escapes exactly these
const NEEDS_ESCAPE = /["\\\u0000-\u001f\ud800-\udfff]/;
const CHUNK_CHARACTERS = 256 * 1024;

/** The rows of a result as bytes of a load job, from the first row each time. */
export function resultBytes(result: SliceResult, table: PreparedTable): Readable {
  return Readable.from(chunks(result, table), { objectMode: false });
}

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
  if (text !== '') yield Buffer.from(text);
}

interface CellColumn {
  readonly lead: string;
  readonly isBare: boolean;
}

/** Writes the rows of a result as JSON lines: what is the same in all rows is written once. */
class ResultLines {
  readonly #prefix: string;
  readonly #rowNumberLead: string;
  readonly #columns: readonly CellColumn[];
  #rowNumber = FIRST_ROW_NUMBER - 1;

  constructor(result: SliceResult, { definition, kinds }: PreparedTable) {
    const names = new Map(definition.columns.map(({ property, name }) => [property, name]));
    const lead = (property: string) => `${JSON.stringify(names.get(property) ?? property)}:`;
    const { mark } = result;
    const hasDiscriminator = result.columns.some(({ role }) => role === 'discriminator');
    const constants = {
      account_id: mark.account_id,
      marketplace: result.marketplace,
      event_date: mark.event_date,
      execution_id: mark.execution_id,
      extracted_at: result.extractedAt,
      // Templated reports have no discriminator: nothing of theirs is suppressed.
      ...(hasDiscriminator ? {} : { [DISCRIMINATOR_COLUMN]: false }),
    };
    this.#prefix = `{${Object.entries(constants)
      .map(([property, value]) => `${lead(property)}${JSON.stringify(value)}`)
      .join(',')}`;
    this.#rowNumberLead = `,${lead('row_number')}`;
    this.#columns = result.columns.map(({ name, role }) => {
      const property = role === 'discriminator' ? DISCRIMINATOR_COLUMN : warehouseColumn(name);
      const column = names.get(property) ?? property;
      return { lead: `,${JSON.stringify(column)}:`, isBare: BARE.has(kinds.get(column)) };
    });
  }

  /** The next row; its number follows from the order of the calls. */
  next(cells: ResultRow): string {
    this.#rowNumber += 1;
    let line = this.#prefix;
    for (let index = 0; index < this.#columns.length; index += 1) {
      const cell = cells[index] ?? null;
      if (cell === null) continue;
      const { lead, isBare } = this.#columns[index] as CellColumn;
      line += lead + (isBare ? cell : quoted(cell));
    }
    return `${line}${this.#rowNumberLead}${this.#rowNumber}}\n`;
  }
}

function quoted(cell: string): string {
  return NEEDS_ESCAPE.test(cell) ? JSON.stringify(cell) : `"${cell}"`;
}
