import { CsvFormatError } from '../errors/csv-format-error.ts';
import { isHeader, namesOf } from './csv-columns.ts';
import { firstRecord } from './first-record.ts';
import { linePieces } from './line-chunks.ts';
import { QuotedCells } from './quoted-cells.ts';
import { readCsv } from './read-csv.ts';

const BYTE_ORDER_MARK = Buffer.from('\uFEFF');
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

interface Part {
  readonly path: string;
  /** Bytes before its first row. */
  readonly skip: number;
  readonly names: readonly string[];
  /** Its header as it stands there, without the line end; that of an earlier part if it has none. */
  readonly header: Buffer;
}

/**
 * The part files of a result as one CSV, in bytes as delivered: unpacked, with the header of the
 * first part alone. Only where parts have their columns in another order are rows written anew, with
 * doubled quotes. CsvFormatError where a part has other columns than the first.
 */
export async function* mergedCsv(
  files: readonly { readonly path: string }[],
): AsyncGenerator<Uint8Array> {
  const parts = await partsOf(files);
  const [first] = parts;
  if (first === undefined) return;
  if (parts.every(({ names }) => isSame(names, first.names))) yield* joined(parts);
  else yield* rewritten(files, first.names);
}

/** The columns of a result, in the order of its first part; none where nothing was delivered. */
export async function csvColumnNames(
  files: readonly { readonly path: string }[],
): Promise<readonly string[]> {
  const [first] = await partsOf(files);
  return first?.names ?? [];
}

/** The parts that have any content. */
async function partsOf(files: readonly { readonly path: string }[]): Promise<Part[]> {
  const parts: Part[] = [];
  for (const { path } of files) {
    for await (const piece of linePieces(path)) {
      const part = partOf(path, piece, parts.at(-1));
      checkColumns(part, parts[0]);
      parts.push(part);
      break;
    }
  }
  return parts;
}

function partOf(path: string, piece: Buffer, former: Part | undefined): Part {
  const text = piece.toString('utf8');
  const start = text.startsWith('\uFEFF') ? 1 : 0;
  const reading = { quoted: new QuotedCells('auto'), delimiter: ',' };
  const record = firstRecord(text, start, reading) ?? { cells: [], end: text.length };
  const isOwn = isHeader(record.cells, [], former?.names);
  if (!isOwn && former !== undefined) {
    return { ...former, path, skip: Buffer.byteLength(text.slice(0, start)) };
  }
  const skip = Buffer.byteLength(text.slice(0, record.end));
  const header = Buffer.from(text.slice(start, record.end).replace(/\r?\n$/, ''));
  return { path, skip, names: record.cells.map((name) => name.trim()), header };
}

function checkColumns({ path, names }: Part, first: Part | undefined): void {
  if (first === undefined || isSame(names.toSorted(), first.names.toSorted())) return;
  throw new CsvFormatError(
    `${path} has the columns ${namesOf(names)}, an earlier part of the result ${namesOf(first.names)}; they make no one CSV`,
  );
}

async function* joined(parts: readonly Part[]): AsyncGenerator<Uint8Array> {
  let last = LINE_FEED;
  for (const [index, part] of parts.entries()) {
    let isFirst = true;
    let isGlued = last !== LINE_FEED;
    for await (const piece of linePieces(part.path)) {
      const head = piece.subarray(0, isFirst && index === 0 ? part.skip : 0);
      const rows = withoutHeaders(piece.subarray(isFirst ? part.skip : 0), part);
      const bytes = Buffer.concat([head, ...rows]);
      isFirst = false;
      if (bytes.length === 0) continue;
      if (isGlued) yield Buffer.from('\n');
      isGlued = false;
      yield bytes;
      last = bytes.at(-1) ?? last;
    }
  }
}

/** What lies between headers that stand among the rows. In a single column they may be values. */
function withoutHeaders(piece: Buffer, { header, names }: Part): Buffer[] {
  if (names.length < 2) return [piece];
  const rows: Buffer[] = [];
  let from = 0;
  for (let at = piece.indexOf(header); at !== -1; at = piece.indexOf(header, at + 1)) {
    const start = lineStart(piece, at);
    const end = lineEnd(piece, at + header.length);
    if (start === undefined || end === undefined) continue;
    rows.push(piece.subarray(from, start));
    from = end;
  }
  rows.push(piece.subarray(from));
  return rows;
}

/** Where the line begins that has nothing but a byte order mark before `at`. */
function lineStart(piece: Buffer, at: number): number | undefined {
  const marked = at - BYTE_ORDER_MARK.length;
  const isMarked = marked >= 0 && piece.subarray(marked, at).equals(BYTE_ORDER_MARK);
  const start = isMarked ? marked : at;
  return start === 0 || piece[start - 1] === LINE_FEED ? start : undefined;
}

/** Where the next line begins, if this one ends at `at`. */
function lineEnd(piece: Buffer, at: number): number | undefined {
  const end = piece[at] === CARRIAGE_RETURN ? at + 1 : at;
  if (end >= piece.length) return piece.length;
  return piece[end] === LINE_FEED ? end + 1 : undefined;
}

async function* rewritten(
  files: readonly { readonly path: string }[],
  names: readonly string[],
): AsyncGenerator<Uint8Array> {
  const columns = names.map((name) => ({ name, type: 'STRING' }) as const);
  yield Buffer.from(`${names.map(cellText).join(',')}\n`);
  for await (const rows of readCsv(files, { columns, nullWord: null })) {
    yield Buffer.from(rows.map((row) => `${row.map(cellText).join(',')}\n`).join(''));
  }
}

function cellText(cell: string | null): string {
  if (cell === null) return '';
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index]);
}
