import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createGzip } from 'node:zlib';

import { onDisk } from '@traffic-events/client';
import type { BatchMessage } from '@traffic-events/singer';
import type { SliceResult } from '@traffic-events/slice';

import type { BatchConfig } from './batch-config.ts';
import { sliceRecords } from './slice-records.ts';

/**
 * Writes the records of a slice to files; a BATCH message names them. Throws DiskError where their
 * folder cannot be written.
 */
export async function writeBatch(
  result: SliceResult,
  config: BatchConfig,
  leftOut?: ReadonlySet<string>,
): Promise<BatchMessage | undefined> {
  const folder = fileURLToPath(config.storage.root);
  const place = {
    folder,
    purpose: 'the files of BATCH messages',
    cure: 'Make room there, or name another folder as storage.root of batch_config.',
  };
  return onDisk(place, () => writeFiles(folder, result, config, leftOut));
}

async function writeFiles(
  root: string,
  result: SliceResult,
  config: BatchConfig,
  leftOut: ReadonlySet<string> | undefined,
): Promise<BatchMessage | undefined> {
  const isGzip = config.encoding.compression === 'gzip';
  const manifest: string[] = [];
  for await (const records of inBatches(sliceRecords(result, leftOut), config.batch_size)) {
    const name = `${config.storage.prefix}${result.mark.stream}-${randomUUID()}.jsonl${isGzip ? '.gz' : ''}`;
    const path = join(root, name);
    await mkdir(dirname(path), { recursive: true });
    const lines = Readable.from(records.map((record) => `${record}\n`));
    const file = createWriteStream(path, { flush: true });
    await (isGzip ? pipeline(lines, createGzip(), file) : pipeline(lines, file));
    manifest.push(pathToFileURL(path).href);
  }
  if (manifest.length === 0) return undefined;
  const { format, compression } = config.encoding;
  return {
    type: 'BATCH',
    stream: result.mark.stream,
    encoding: { format, compression },
    manifest,
  };
}

async function* inBatches(
  records: AsyncIterable<readonly string[]>,
  size: number,
): AsyncGenerator<string[]> {
  let batch: string[] = [];
  for await (const some of records) {
    for (const record of some) {
      batch.push(record);
      if (batch.length < size) continue;
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}
