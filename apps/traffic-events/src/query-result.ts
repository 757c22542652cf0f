import { csvColumnNames, mergedCsv, readCsv } from '@traffic-events/client';
import type { CsvRow, DownloadedFile } from '@traffic-events/client';
import { textTable } from './text-table.ts';

/** How the files of a result are written. */
export type ResultFormat = (
  files: readonly DownloadedFile[],
) => AsyncGenerator<Uint8Array | string>;

/** One CSV, its cells as they are delivered. */
export const csvResult: ResultFormat = mergedCsv;

/** One array of objects; values are texts as they are delivered, null for nothing. */
export async function* jsonResult(files: readonly DownloadedFile[]): AsyncGenerator<string> {
  const names = await csvColumnNames(files);
  let before = '[';
  for await (const row of rowsOf(files, names)) {
    const object = Object.fromEntries(names.map((name, index) => [name, row[index] ?? null]));
    yield `${before}\n  ${JSON.stringify(object)}`;
    before = ',';
  }
  yield before === '[' ? '[]\n' : '\n]\n';
}

/** More rows than these are for a file. */
const MAX_ROWS = 200;

/** For people: a table as wide as the terminal at most. */
export function tableResult(width: number): ResultFormat {
  return async function* table(files) {
    const names = await csvColumnNames(files);
    const rows: string[][] = [];
    let count = 0;
    for await (const row of rowsOf(files, names)) {
      count += 1;
      if (rows.length < MAX_ROWS) rows.push(row.map((value) => value ?? ''));
    }
    const lines = textTable(
      names.map((head) => ({ head })),
      rows,
      width,
    );
    const more = count - rows.length;
    const rest = more > 0 ? [`… and ${more} more rows: send the output to a file`] : [];
    yield `${[...lines, ...rest].join('\n')}\n`;
  };
}

async function* rowsOf(
  files: readonly DownloadedFile[],
  names: readonly string[],
): AsyncGenerator<CsvRow> {
  if (names.length === 0) return;
  const columns = names.map((name) => ({ name, type: 'STRING' as const }));
  for await (const rows of readCsv(files, { columns })) yield* rows;
}
