import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { MAX_CAPTURED_BYTES } from '../capture/capture.ts';
import type { Capture } from '../capture/capture.ts';
import { onDisk, requireRoom } from '../disk/on-disk.ts';
import type { DiskPlace } from '../disk/on-disk.ts';
import { ConnectionError } from '../errors/connection-error.ts';
import { DownloadTooLargeError } from '../errors/download-too-large-error.ts';
import { errorText } from '../http/answer-kind.ts';
import { readBounded } from '../http/bounded-body.ts';
import { retryAfterOf } from '../http/retry-timing.ts';
import type { Redactor } from '../http/redaction.ts';
import type { HttpStream, HttpTransport } from '../http/transport.ts';
import { fileUrl } from './file-url.ts';
import { Pace, TooSlow } from './pace.ts';

/** A part of a result as it was delivered. */
export interface DownloadedFile {
  readonly path: string;
  readonly bytes: number;
  /** Of the bytes as delivered, hexadecimal. */
  readonly sha256: string;
}

export interface PartRequest {
  readonly url: string;
  readonly path: string;
  /** Most bytes that this part may still have. */
  readonly maxBytes: number;
  readonly signal: AbortSignal | undefined;
}

export interface FetchPartOptions {
  readonly transport: HttpTransport;
  readonly redactor: Redactor;
  readonly capture: Capture | undefined;
  readonly now: () => number;
  readonly accountKey: string;
  /** Real ms within which more than a trickle of bytes must arrive. */
  readonly paceWindowMs: number;
}

/** Why a part could not be fetched this time; another URL or a later try may help. */
export interface PartFailure {
  readonly failed: string;
  readonly retryAfterMs: number | null;
  /** Nobody answered, or storage as a whole was at fault: it says nothing about the part. */
  readonly unreachable?: boolean;
}

/** Results are their owner's business. */
const PRIVATE_MODE = 0o600;
const MAX_REDIRECTS = 3;
const WRITE_BYTES = 1_048_576;
/** Enough for what storage has to say. */
const MAX_REFUSAL_BYTES = 65_536;

/**
 * Fetches one signed URL into a file. No Authorization header: storage refuses requests that carry
 * one beside the signature. The file appears under its name only once it is whole.
 */
export async function fetchPart(
  part: PartRequest,
  options: FetchPartOptions,
): Promise<DownloadedFile | PartFailure> {
  const partial = `${part.path}.partial`;
  using pace = new Pace(options.paceWindowMs);
  const signal = AbortSignal.any([
    pace.signal,
    ...(part.signal === undefined ? [] : [part.signal]),
  ]);
  try {
    const sentMs = options.now();
    const stream = await openStream({ ...part, signal }, options);
    if ('failed' in stream) return stream;
    if (stream.status !== 200) return await refusal(stream, options);
    const saved = await save(stream, partial, part, pace);
    if ('failed' in saved) return saved;
    await rename(partial, part.path);
    const file = { ...saved, path: part.path };
    await capture(file, { part, stream, sentMs }, options);
    return file;
  } catch (error) {
    const isTransient = error instanceof ConnectionError || error instanceof TooSlow;
    if (!isTransient) throw error;
    return { ...failure(error.message), unreachable: true };
  } finally {
    await rm(partial, { force: true });
  }
}

async function openStream(
  part: PartRequest,
  { transport }: FetchPartOptions,
): Promise<HttpStream | PartFailure> {
  let { url } = part;
  for (let hop = 0; ; hop += 1) {
    const stream = await transport.stream({ method: 'GET', url, headers: {}, signal: part.signal });
    const location = stream.headers['location'];
    if (stream.status < 300 || stream.status >= 400 || !location) return stream;
    await stream.discard();
    const next = fileUrl(location, url);
    if (next.url === undefined) return failure(`storage redirects to ${next.problem}`);
    if (hop >= MAX_REDIRECTS) return failure(`storage redirects more than ${MAX_REDIRECTS} times`);
    url = next.url.href;
  }
}

function failure(failed: string): PartFailure {
  return { failed, retryAfterMs: null };
}

async function refusal(
  stream: HttpStream,
  { redactor, now }: FetchPartOptions,
): Promise<PartFailure> {
  const { text } = await readBounded(stream.body, MAX_REFUSAL_BYTES);
  return {
    failed: `storage answered ${stream.status}: ${errorText(text, redactor)}`,
    retryAfterMs: retryAfterOf(stream, now()),
    unreachable: stream.status === 429 || stream.status >= 500,
  };
}

async function save(
  stream: HttpStream,
  partial: string,
  part: PartRequest,
  pace: Pace,
): Promise<Omit<DownloadedFile, 'path'> | PartFailure> {
  const announced = Number(stream.headers['content-length'] ?? Number.NaN);
  if (announced > part.maxBytes) {
    await stream.discard();
    throw tooLarge(part, announced);
  }
  const hash = createHash('sha256');
  let bytes = 0;
  // Pieces are written while the next ones arrive.
  const write = () =>
    pipeline(
      stream.body,
      async function* counted(chunks) {
        for await (const chunk of chunks) {
          bytes += chunk.length;
          pace.count(chunk.length);
          if (bytes > part.maxBytes) throw tooLarge(part, bytes);
          hash.update(chunk);
          yield chunk;
        }
      },
      createWriteStream(partial, { highWaterMark: WRITE_BYTES, mode: PRIVATE_MODE }),
    );
  const neededBytes = Number.isNaN(announced) ? undefined : announced;
  const place = { ...downloadsIn(dirname(partial)), neededBytes };
  await requireRoom(place).catch(async (error: unknown) => {
    await stream.discard();
    throw error;
  });
  await onDisk(place, write);
  if (!Number.isNaN(announced) && bytes !== announced) {
    return failure(`it was cut short at ${bytes} of ${announced} bytes`);
  }
  return { bytes, sha256: hash.digest('hex') };
}

async function capture(
  file: DownloadedFile,
  pair: { readonly part: PartRequest; readonly stream: HttpStream; readonly sentMs: number },
  options: FetchPartOptions,
): Promise<void> {
  if (options.capture === undefined) return;
  const request = { method: 'GET', url: pair.part.url, headers: {} } as const;
  const bytes = file.bytes <= MAX_CAPTURED_BYTES ? await readFile(file.path) : undefined;
  await options.capture.download(
    { operation: 'download', account: options.accountKey, request, sentMs: pair.sentMs },
    pair.stream,
    bytes,
  );
}

/** The folder that downloads go to, for messages. */
export function downloadsIn(folder: string): DiskPlace {
  return {
    folder,
    purpose: 'results while they are read',
    cure: 'Make room there, or have another folder used, which TMPDIR names unless the caller does. The result can be downloaded again.',
  };
}

function tooLarge({ path, maxBytes }: PartRequest, bytes: number): DownloadTooLargeError {
  return new DownloadTooLargeError(
    `The result for ${path} has ${bytes} bytes or more where ${maxBytes} are left; raise maxDownloadBytes (in a configuration: max_download_bytes) or ask for fewer dimensions`,
  );
}
