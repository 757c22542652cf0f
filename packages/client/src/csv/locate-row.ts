import type { CsvColumn } from './csv-columns.ts';
import { CsvParser } from './csv-parser.ts';
import type { CsvHeader } from './csv-parser.ts';
import { lineChunks } from './line-chunks.ts';

/** Where a row stands. */
export interface RowPlace {
  readonly file: string;
  /** Of its first line, from 1, the header included. */
  readonly line: number;
}

/**
 * Where the `row`th row that `readCsv` gives stands, from 1; undefined where there are fewer. For
 * messages: it reads line by line, which takes its time.
 */
export async function locateRow(
  files: readonly { readonly path: string }[],
  row: number,
  { columns }: { readonly columns: readonly CsvColumn[] },
): Promise<RowPlace | undefined> {
  const dialect = { columns, nullWord: 'NULL', delimiter: ',', escape: 'auto' } as const;
  let found = 0;
  let former: CsvHeader | undefined;
  for (const { path } of files) {
    let line = 0;
    // The header, and a cell with line breaks, are of more lines than one.
    let first: number | undefined;
    const onRepeatedHeader = () => {
      first = undefined;
    };
    const parser = new CsvParser({ ...dialect, file: path, former, onRepeatedHeader });
    for await (const text of linesOf(path)) {
      line += 1;
      const isBegun = parser.header !== undefined;
      if (text.trim() !== '') first ??= line;
      const rows = parser.push(text, false).length;
      found += rows;
      if (found >= row) return { file: path, line: first ?? line };
      if (rows > 0 || !isBegun) first = undefined;
    }
    found += parser.push('', true).length;
    if (found >= row) return { file: path, line: first ?? line };
    former = parser.header ?? former;
  }
  return undefined;
}

/** Lines with their line feeds. */
async function* linesOf(path: string): AsyncGenerator<string> {
  for await (const text of lineChunks(path)) {
    for (let at = 0; at < text.length;) {
      const end = text.indexOf('\n', at) + 1 || text.length;
      yield text.slice(at, end);
      at = end;
    }
  }
}
