import { isAscii, isUtf8 } from 'node:buffer';
import { open } from 'node:fs/promises';

import { CsvFormatError } from '../errors/csv-format-error.ts';
import { isGzip, READ_BYTES, unpacked } from './gzip.ts';

/** Small enough that a piece's rows are garbage before the collector calls them old. */
const PIECE_BYTES = 32_768;
/** What a row may have at most; keeps memory flat when a file is something else. */
const MAX_LINE_BYTES = 67_108_864;
const LINE_FEED = 10;

/** The text of `linePieces`: a piece of whole lines never splits a character. */
export async function* lineChunks(path: string): AsyncGenerator<string> {
  for await (const piece of linePieces(path)) yield decode(piece, path);
}

/**
 * The bytes of a file in pieces of whole lines, of some 32 KiB each; gzip is recognised by its first
 * bytes. A piece is good until the next one is asked for: its memory is filled again.
 */
export async function* linePieces(path: string): AsyncGenerator<Buffer> {
  let buffer: Buffer = Buffer.allocUnsafe(READ_BYTES);
  let filled = 0;
  for await (const bytes of byteChunks(path)) {
    buffer = withRoom(buffer, filled, bytes.length);
    filled += bytes.copy(buffer, filled);
    const read = buffer.subarray(0, filled);
    let at = 0;
    for (let end = pieceEnd(read, at); end > at; end = pieceEnd(read, at)) {
      yield read.subarray(at, end);
      at = end;
    }
    buffer.copyWithin(0, at, filled);
    filled -= at;
    if (filled > MAX_LINE_BYTES) {
      throw new CsvFormatError(`${path} has a line of over ${MAX_LINE_BYTES} bytes; it is no CSV`);
    }
  }
  if (filled > 0) yield buffer.subarray(0, filled);
}

/** The buffer, or a larger one with the same content where more would not fit. */
function withRoom(buffer: Buffer, filled: number, more: number): Buffer {
  if (filled + more <= buffer.length) return buffer;
  const larger = Buffer.allocUnsafe(2 * (filled + more));
  buffer.copy(larger, 0, 0, filled);
  return larger;
}

/** Behind the last line feed of the next piece, or the first one there is; 0 without any. */
function pieceEnd(bytes: Buffer, start: number): number {
  const last = bytes.lastIndexOf(LINE_FEED, start + PIECE_BYTES - 1);
  return (last >= start ? last : bytes.indexOf(LINE_FEED, start)) + 1;
}

async function* byteChunks(path: string): AsyncGenerator<Buffer> {
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    let position = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, READ_BYTES, position);
      if (position === 0 && isGzip(buffer.subarray(0, bytesRead))) {
        yield* unpacked(path);
        return;
      }
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
      position += bytesRead;
    }
  } finally {
    await file.close();
  }
}

function decode(bytes: Buffer, path: string): string {
  if (isAscii(bytes)) return bytes.toString('latin1');
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw new CsvFormatError(`${path} is not UTF-8; the API delivers UTF-8 only`);
}
