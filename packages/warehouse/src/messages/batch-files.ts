import { createReadStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createGunzip } from 'node:zlib';
import type { BatchMessage } from '@traffic-events/singer';
import { parseJson, readLines } from '@traffic-events/singer';
import { MessageOrderError, RecordError } from '../errors.ts';

type Values = Readonly<Record<string, unknown>>;

/** The records of a BATCH message's files (JSON lines, plain or gzip), in groups, in their order. */
export async function* readBatch(message: BatchMessage): AsyncGenerator<readonly Values[]> {
  const { stream, encoding, manifest } = message;
  const isGzip = encoding.compression === 'gzip';
  if (encoding.format !== 'jsonl' || (!isGzip && (encoding.compression ?? 'none') !== 'none')) {
    throw new MessageOrderError(
      `Stream ${stream}: BATCH files of format ${encoding.format}, compression ${encoding.compression ?? 'none'} are not read. Have the tap write jsonl, plain or gzip.`,
    );
  }
  for (const url of manifest) {
    for await (const lines of readLines(bytesOf(stream, url, isGzip))) {
      yield lines.map((line) => recordOf(stream, url, line));
    }
  }
}

function bytesOf(stream: string, url: string, isGzip: boolean): AsyncIterable<Uint8Array> {
  const source = createReadStream(pathOf(stream, url));
  if (!isGzip) return source;
  const gunzip = createGunzip();
  source.once('error', (error) => gunzip.destroy(error));
  return source.pipe(gunzip);
}

function pathOf(stream: string, url: string): string {
  if (url.startsWith('file://')) return fileURLToPath(url);
  if (!/^[a-z][a-z\d+.-]*:/i.test(url)) return url;
  throw new MessageOrderError(
    `Stream ${stream}: BATCH file ${url.split('?')[0]} is not on this machine. Have the tap write to a file:// root.`,
  );
}

function recordOf(stream: string, url: string, line: Buffer): Values {
  const value = parseLine(line);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Values;
  throw new RecordError(`is no JSON object in BATCH file ${url}: ${line.toString('utf8', 0, 80)}`, {
    stream,
  });
}

function parseLine(line: Buffer): unknown {
  try {
    return parseJson(line.toString('utf8'));
  } catch {
    return undefined;
  }
}
