import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { isUtf8 } from 'node:buffer';
import { dirname, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createGunzip } from 'node:zlib';
import { cleanText } from '@traffic-events/client';
import type { BatchMessage, RecordFault } from '@traffic-events/singer';
import { faultOf, LineTooLongError, parseLine, readLines } from '@traffic-events/singer';
import { MessageOrderError, RecordError } from '../errors.ts';
import { withoutSecrets } from './without-secrets.ts';

type Values = Readonly<Record<string, unknown>>;

/** A record of a BATCH message's files. */
export interface BatchRecord {
  readonly record: Values;
  readonly fault: RecordFault | undefined;
  /** `record 3 of BATCH file …`: what stands there is not told. */
  readonly place: string;
}

interface BatchRules {
  /** Folders that files may be in; that of the message's first file unless given. */
  readonly folders: readonly string[] | undefined;
  readonly maxLineBytes: number | undefined;
}

/** The records of a BATCH message's files (JSON lines, plain or gzip), in groups, in their order. */
export async function* readBatch(
  message: BatchMessage,
  { folders, maxLineBytes }: BatchRules,
): AsyncGenerator<readonly BatchRecord[]> {
  const { stream, encoding, manifest } = message;
  const isGzip = encoding.compression === 'gzip';
  if (encoding.format !== 'jsonl' || (!isGzip && (encoding.compression ?? 'none') !== 'none')) {
    throw new MessageOrderError(
      `Stream ${stream}: BATCH files of format ${encoding.format}, compression ${encoding.compression ?? 'none'} are not read. Have the tap write jsonl, plain or gzip.`,
    );
  }
  const paths = manifest.map((url) => pathOf(stream, url));
  const allowed = folders ?? paths.slice(0, 1).map((path) => dirname(path));
  for (const path of paths) {
    const bytes = bytesOf(await allowedFile(stream, path, allowed), isGzip);
    const options = maxLineBytes === undefined ? {} : { maxLineBytes };
    let number = 0;
    for await (const lines of named(readLines(bytes, options), stream, path)) {
      yield lines.map((line) => recordOf(stream, placeOf(path, (number += 1)), line));
    }
  }
}

/** What reading a file ends in names it, and none of its bytes. */
async function* named<T>(lines: AsyncIterable<T>, stream: string, path: string): AsyncGenerator<T> {
  try {
    yield* lines;
  } catch (error) {
    const where = `Stream ${stream}: BATCH file ${shownPath(path)}`;
    if (error instanceof LineTooLongError) {
      throw new MessageOrderError(
        `${where} has a line of more than ${error.maxLineBytes} bytes. Raise max_line_bytes, or have the tap write smaller records.`,
      );
    }
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    const what = code.startsWith('Z_') ? `is no whole gzip file (${code})` : `breaks off (${code})`;
    throw new MessageOrderError(`${where} ${what}. See that the tap has written it to its end.`);
  }
}

function bytesOf(path: string, isGzip: boolean): AsyncIterable<Uint8Array> {
  const source = createReadStream(path);
  if (!isGzip) return source;
  const gunzip = createGunzip();
  source.once('error', (error) => gunzip.destroy(error));
  return source.pipe(gunzip);
}

function pathOf(stream: string, url: string): string {
  try {
    if (url.startsWith('file://')) return fileURLToPath(url);
    if (!/^[a-z][a-z\d+.-]*:/i.test(url)) return url;
  } catch {
    // It names another machine.
  }
  throw new MessageOrderError(
    `Stream ${stream}: BATCH file ${shownPath(withoutSecrets(url))} is not on this machine. Have the tap write to a file:// root.`,
  );
}

/** The file behind a path, wherever links lead. Throws where it is none that may be read. */
async function allowedFile(
  stream: string,
  path: string,
  folders: readonly string[],
): Promise<string> {
  const where = `Stream ${stream}: BATCH file ${shownPath(path)}`;
  try {
    const file = await realpath(path);
    const roots = await Promise.all(folders.map((folder) => realpath(folder)));
    if (!roots.some((root) => file.startsWith(root.endsWith(sep) ? root : root + sep))) {
      throw new MessageOrderError(
        `${where} is not in a folder that may be read (${folders.map(shownPath).join(', ')}). See what the tap sends, or add its folder to batch_folders.`,
      );
    }
    if ((await stat(file)).isFile()) return file;
  } catch (error) {
    if (error instanceof MessageOrderError) throw error;
    const { code, path: missing } = error as NodeJS.ErrnoException;
    const what = missing === undefined || missing === path ? where : `${where}: ${missing}`;
    throw new MessageOrderError(
      `${what} cannot be read (${code}). See that the target runs where the tap has written it, and may read it.`,
    );
  }
  throw new MessageOrderError(`${where} is no file. See what the tap sends.`);
}

function placeOf(path: string, number: number): string {
  return `record ${number} of BATCH file ${shownPath(path)}`;
}

function shownPath(path: string | undefined): string {
  return cleanText(path ?? '', 300);
}

function recordOf(stream: string, place: string, line: Buffer): BatchRecord {
  const text = line.toString('utf8');
  const parsed = parsedOf(text);
  const record = parsed?.value;
  if (
    parsed === undefined ||
    typeof record !== 'object' ||
    record === null ||
    Array.isArray(record)
  )
    throw new RecordError('is no JSON object.', { stream, place });
  const { hasBareNumbers } = parsed;
  const flaws = { text, hasBareNumbers, hasBadBytes: !isUtf8(line) };
  return { record: record as Values, fault: faultOf(record as Values, flaws), place };
}

function parsedOf(text: string) {
  try {
    return parseLine(text);
  } catch {
    return undefined;
  }
}
