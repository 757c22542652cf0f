import { ConfigurationError } from '../errors/configuration-error.ts';
import type { CsvColumn } from './csv-columns.ts';
import { CsvParser } from './csv-parser.ts';
import type { CsvHeader, CsvRow } from './csv-parser.ts';
import { lineChunks } from './line-chunks.ts';
import type { CsvEscape } from './quoted-cells.ts';

export interface ReadCsvOptions {
  /** The columns of the rows, in this order; the files may have them in another, and more of them. */
  readonly columns: readonly CsvColumn[];
  /** Unquoted word that means NULL beside a blank cell; `NULL` unless set, null for none. */
  readonly nullWord?: string | null;
  /** `,` unless set. */
  readonly delimiter?: string;
  /** How quotes inside quoted cells are written; `auto` unless set. */
  readonly escape?: CsvEscape;
  /**
   * Told of each header that stands again among the rows, where it is left out: the file may have
   * been put together from parts, or from the same part twice.
   */
  readonly onRepeatedHeader?: () => void;
}

/**
 * Reads the part files of a result, plain or gzip, as batches of rows. Parts have a header each, in
 * any order of columns, or the first one has it for those that have none. Cells are canonical text
 * and exact: integers and decimals as digits, booleans `true` and `false`, dates `YYYY-MM-DD`,
 * timestamps ISO 8601 with `Z`; null for NULL. Memory stays flat.
 *
 * Throws CsvCellError for a cell that does not fit its type (it names file, line, column and value)
 * and CsvFormatError for a file that is no CSV of these columns. A file of zero bytes has no rows.
 */
export async function* readCsv(
  files: readonly { readonly path: string }[],
  options: ReadCsvOptions,
): AsyncGenerator<CsvRow[]> {
  const { columns, nullWord = 'NULL', delimiter = ',', escape = 'auto' } = options;
  if (delimiter.length !== 1 || /["\\\r\n]/.test(delimiter)) {
    throw new ConfigurationError(
      `The delimiter is ${JSON.stringify(delimiter)}; use one character that is no quote, backslash or line break`,
    );
  }
  const { onRepeatedHeader } = options;
  const dialect = { columns, nullWord, delimiter, escape, onRepeatedHeader };
  let former: CsvHeader | undefined;
  for (const { path } of files) {
    const parser = new CsvParser({ ...dialect, file: path, former });
    for await (const text of lineChunks(path)) {
      const rows = parser.push(text, false);
      if (rows.length > 0) yield rows;
    }
    const rows = parser.push('', true);
    if (rows.length > 0) yield rows;
    former = parser.header ?? former;
  }
}
