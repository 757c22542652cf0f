import type { QuotedCells } from './quoted-cells.ts';

/** The first record of a file, which is its header in most. */
export interface FirstRecord {
  readonly cells: readonly string[];
  /** Where the next record begins. */
  readonly end: number;
}

/** Splits the record that begins at `start`; undefined where a quoted cell of it does not end. */
export function firstRecord(
  text: string,
  start: number,
  { quoted, delimiter }: { readonly quoted: QuotedCells; readonly delimiter: string },
): FirstRecord | undefined {
  const cells: string[] = [];
  let at = start;
  quoted.use(text);
  for (;;) {
    const isQuoted = text[at] === '"';
    const end = isQuoted ? quoted.read(at) : plainEnd(text, at, delimiter);
    if (end === -1) return undefined;
    cells.push(isQuoted ? quoted.value : text.slice(at, end).replace(/\r$/, ''));
    if (text[end] !== delimiter) return { cells, end: text.indexOf('\n', end) + 1 || text.length };
    at = end + 1;
  }
}

function plainEnd(text: string, at: number, delimiter: string): number {
  let end = at;
  while (end < text.length && text[end] !== delimiter && text[end] !== '\n') end += 1;
  return end;
}
