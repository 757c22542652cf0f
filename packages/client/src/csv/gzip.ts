import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

import { CsvFormatError } from '../errors/csv-format-error.ts';

export const READ_BYTES = 262_144;

/** Gzip within gzip is what a store makes that compresses what was compressed already. */
const MAX_LAYERS = 3;
/** CSV shrinks to a tenth or so; what grows far beyond that is made to fill memory or time. */
const MAX_GROWTH = 100;
/** Small files may grow as they like up to here. */
const MIN_UNPACKED_BYTES = 268_435_456;

/** Whether bytes begin as a gzip file does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * The content of a gzip file, also where it is gzip again; CsvFormatError for one that is not whole,
 * or that holds more than any result could.
 */
export async function* unpacked(path: string): AsyncGenerator<Buffer> {
  const { size } = await stat(path);
  const limit = Math.max(MIN_UNPACKED_BYTES, size * MAX_GROWTH);
  const source = createReadStream(path);
  let bytes = 0;
  try {
    for await (const chunk of layer(source, 1, path)) {
      bytes += chunk.length;
      if (bytes > limit) {
        throw new CsvFormatError(
          `${path} has ${size} bytes and unpacks to more than ${limit}; it is no CSV of a result`,
        );
      }
      yield chunk;
    }
  } finally {
    source.destroy();
  }
}

/** Takes off one layer of gzip, and those beneath it. */
async function* layer(packed: Readable, depth: number, path: string): AsyncGenerator<Buffer> {
  if (depth > MAX_LAYERS) {
    throw new CsvFormatError(`${path} is gzip more than ${MAX_LAYERS} times over; it is no CSV`);
  }
  const gunzip = createGunzip({ chunkSize: READ_BYTES });
  packed.on('error', (error) => gunzip.destroy(error));
  packed.pipe(gunzip);
  try {
    const first = await firstChunk(gunzip);
    if (first === null) return;
    gunzip.unshift(first);
    if (isGzip(first)) yield* layer(gunzip, depth + 1, path);
    else for await (const chunk of gunzip) yield chunk as Buffer;
  } catch (error) {
    if (error instanceof CsvFormatError) throw error;
    throw new CsvFormatError(
      `${path} is no whole gzip file: ${(error as Error).message}. Download the result again`,
      { cause: error },
    );
  } finally {
    gunzip.destroy();
  }
}

/** The first bytes of a stream, taken out of it; null where it has none. */
async function firstChunk(stream: Readable): Promise<Buffer | null> {
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) return chunk as Buffer;
  return null;
}
