import { LineTooLongError } from './errors.ts';

const NEWLINE = 10;
/** Of a longer line ten copies would not fit beside the rest: bytes, text, values, field, row. */
const DEFAULT_MAX_LINE_BYTES = 32 * 1024 * 1024;

interface LineReaderOptions {
  /** Longest line accepted, in bytes; 32 MiB unless given. */
  readonly maxLineBytes?: number;
}

/**
 * The lines of `source`, without their newlines and without blank lines, in the groups in which
 * they arrived. A line is a view of the chunk that it came in: whoever keeps it longer than until
 * the next group must copy it. Throws `LineTooLongError`.
 */
export async function* readLines(
  source: AsyncIterable<Uint8Array>,
  options: LineReaderOptions = {},
): AsyncGenerator<readonly Buffer[]> {
  const pending = new PendingLine(options.maxLineBytes ?? DEFAULT_MAX_LINE_BYTES);
  for await (const bytes of source) {
    const lines = takeLines(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), pending);
    if (lines.length > 0) yield lines;
  }
  const last = pending.end();
  if (!isBlank(last)) yield [last];
}

function takeLines(chunk: Buffer, pending: PendingLine): Buffer[] {
  const lines: Buffer[] = [];
  let from = 0;
  for (;;) {
    const newline = chunk.indexOf(NEWLINE, from);
    if (newline === -1) break;
    const piece = chunk.subarray(from, newline);
    const line = pending.isEmpty ? pending.checked(piece) : pending.end(piece);
    if (!isBlank(line)) lines.push(line);
    from = newline + 1;
  }
  if (from < chunk.length) pending.add(chunk.subarray(from));
  return lines;
}

/** The line whose end has not arrived yet; its length is bounded before it is put together. */
class PendingLine {
  readonly #maxLineBytes: number;
  #pieces: Buffer[] = [];
  #byteLength = 0;

  constructor(maxLineBytes: number) {
    this.#maxLineBytes = maxLineBytes;
  }

  get isEmpty(): boolean {
    return this.#byteLength === 0;
  }

  add(piece: Buffer): void {
    this.#byteLength += piece.length;
    if (this.#byteLength > this.#maxLineBytes) throw new LineTooLongError(this.#maxLineBytes);
    this.#pieces.push(piece);
  }

  end(piece?: Buffer): Buffer {
    if (piece !== undefined) this.add(piece);
    const line = Buffer.concat(this.#pieces, this.#byteLength);
    this.#pieces = [];
    this.#byteLength = 0;
    return line;
  }

  checked(line: Buffer): Buffer {
    if (line.length > this.#maxLineBytes) throw new LineTooLongError(this.#maxLineBytes);
    return line;
  }
}

const SPACE = 32;
const TAB = 9;
const CARRIAGE_RETURN = 13;

function isBlank(line: Buffer): boolean {
  for (const byte of line) {
    if (byte !== SPACE && byte !== TAB && byte !== CARRIAGE_RETURN) return false;
  }
  return true;
}
