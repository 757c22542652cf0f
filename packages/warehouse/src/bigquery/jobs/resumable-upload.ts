import { isTransient } from './job-failures.ts';
import { uploadChunks } from './upload-chunks.ts';
import type { UploadChunk } from './upload-chunks.ts';

interface UploadRequest {
  readonly url: string;
  readonly method: 'POST' | 'PUT';
  readonly headers: Record<string, string>;
  readonly data: Buffer | string;
  readonly responseType: 'json';
  readonly signal?: AbortSignal;
  readonly validateStatus: (status: number) => boolean;
}

/** What sends a request with its credentials: the auth client of Google's library. */
interface UploadClient {
  request(request: UploadRequest): Promise<{ readonly status: number; readonly headers: Headers }>;
}

interface ResumableUploadOptions {
  readonly client: UploadClient;
  /** Where uploads begin: `https://…/upload/bigquery/v2/projects/PROJECT/jobs`. */
  readonly url: string;
  /** The job that the bytes are for, as jobs.insert takes it. */
  readonly job: object;
  /** Tries of a piece that fails for a reason that may pass. */
  readonly attempts: number;
  /** Waits after try number `attempt`, from 0. */
  readonly pause: (attempt: number) => Promise<void>;
  readonly signal?: AbortSignal | undefined;
  /** Bytes of a piece, a multiple of 256 KiB as the protocol asks; 8 MiB unless given. */
  readonly chunkBytes?: number | undefined;
}

const DEFAULT_CHUNK_BYTES = 8 * 1024 * 1024;
const UNFINISHED = 308;
/** Bytes that have arrived once the job has begun. */
const ALL = Infinity;
const NOTHING = Buffer.alloc(0);

/** An upload came to nothing for a reason that may pass; it has to begin anew. */
class UploadLostError extends Error {
  override readonly name = 'UploadLostError';
  readonly errors = [{ reason: 'backendError' }] as const;
}

/** An answer of BigQuery in the form in which the client's other requests fail. */
class UploadRefusedError extends Error {
  override readonly name = 'UploadRefusedError';
  readonly code: unknown;
  readonly errors: unknown;

  constructor(message: string, fields: { code: unknown; errors?: unknown; cause?: unknown }) {
    super(message, { cause: fields.cause });
    this.code = fields.code;
    this.errors = fields.errors;
  }
}

/**
 * Uploads the bytes of a load job piece by piece: a broken connection costs a piece, and no more
 * than that is held in memory. The job begins with the last piece.
 * https://cloud.google.com/bigquery/docs/reference/api-uploads
 */
export class ResumableUpload {
  readonly #options: ResumableUploadOptions;

  constructor(options: ResumableUploadOptions) {
    this.#options = Object.freeze({ ...options });
  }

  /** Throws errors as the client's library does: with `code`, `message` and `errors`. */
  async send(source: AsyncIterable<Uint8Array>): Promise<void> {
    const upload = await this.#begin();
    const { chunkBytes = DEFAULT_CHUNK_BYTES } = this.#options;
    let offset = 0;
    for await (const chunk of uploadChunks(source, chunkBytes)) {
      await this.#sendChunk(upload, chunk, offset);
      offset += chunk.bytes.length;
    }
  }

  async #begin(): Promise<string> {
    const { url, job } = this.#options;
    const { headers } = await this.#request({
      url: `${url}?uploadType=resumable`,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      data: JSON.stringify(job),
    });
    const upload = headers.get('location');
    if (upload === null) throw new UploadLostError('BigQuery began an upload without a location.');
    return upload;
  }

  async #sendChunk(upload: string, chunk: UploadChunk, offset: number): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await this.#trySend(upload, chunk, offset, attempt > 0);
        return;
      } catch (error) {
        const isLast = attempt + 1 >= this.#options.attempts;
        if (isLast || error instanceof UploadLostError || !isTransient(error)) throw error;
        await this.#options.pause(attempt);
      }
    }
  }

  /** Sends a piece; of one that was sent before, only what has not arrived. */
  async #trySend(
    upload: string,
    { bytes, isLast }: UploadChunk,
    offset: number,
    wasSent: boolean,
  ): Promise<void> {
    const end = offset + bytes.length;
    const total = isLast ? String(end) : '*';
    let arrived = wasSent ? await this.#put(upload, NOTHING, `bytes */${total}`) : offset;
    // A job that has not begun with its last piece is asked for once more.
    const wanted = isLast ? ALL : end;
    while (arrived < wanted) {
      if (arrived < offset) throw new UploadLostError('BigQuery lost a piece of an upload.');
      const rest = bytes.subarray(arrived - offset);
      const range = rest.length === 0 ? '*' : `${arrived}-${end - 1}`;
      const next = await this.#put(upload, rest, `bytes ${range}/${total}`);
      if (next <= arrived) throw new UploadRefusedError('BigQuery took nothing.', { code: 503 });
      arrived = next;
    }
  }

  /** Answers how many bytes of the whole have arrived. */
  async #put(upload: string, data: Buffer, range: string): Promise<number> {
    const headers = { 'content-type': 'application/octet-stream', 'content-range': range };
    const answer = await this.#request({ url: upload, method: 'PUT', headers, data });
    if (answer.status !== UNFINISHED) return ALL;
    const last = /-(\d+)$/.exec(answer.headers.get('range') ?? '')?.[1];
    return last === undefined ? 0 : Number(last) + 1;
  }

  async #request(request: Pick<UploadRequest, 'url' | 'method' | 'headers' | 'data'>) {
    const { client, signal } = this.#options;
    try {
      return await client.request({
        ...request,
        responseType: 'json',
        ...(signal === undefined ? {} : { signal }),
        validateStatus: (status) => status < 300 || status === UNFINISHED,
      });
    } catch (error) {
      throw refusalOf(error, request.method);
    }
  }
}

interface Refusal {
  readonly message?: string;
  readonly code?: unknown;
  readonly status?: number;
  readonly response?: { readonly data?: { readonly error?: RefusalBody } | string };
}

interface RefusalBody {
  readonly message?: string;
  readonly errors?: unknown;
}

/** An upload that BigQuery no longer knows, once it has begun, can begin anew. */
function refusalOf(error: unknown, method: 'POST' | 'PUT'): Error {
  const { message = String(error), code, status, response } = error as Refusal;
  if (method === 'PUT' && (status === 404 || status === 410)) {
    return new UploadLostError('BigQuery no longer knows an upload.', { cause: error });
  }
  const body = typeof response?.data === 'object' ? response.data.error : undefined;
  return new UploadRefusedError(body?.message ?? message, {
    code: status ?? code,
    errors: body?.errors,
    cause: error,
  });
}
