import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { Redactor } from '../http/redaction.ts';
import type { HttpAnswer, HttpHead, HttpRequest } from '../http/transport.ts';
import type { Logger } from '../logger.ts';

/** What a request was for. Token requests are never captured. */
export type Operation = 'create' | 'get' | 'list' | 'cancel' | 'download_urls' | 'download';

/**
 * A captured request and its answer, a JSON file each, named so that they sort by time. Secrets are
 * redacted; the query of a signed URL is replaced, its path kept.
 */
export interface CapturedPair {
  readonly version: 1;
  readonly operation: Operation;
  readonly account: string;
  /** ISO 8601, by the client's clock. */
  readonly sentAt: string;
  readonly receivedAt: string;
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
  };
  /** Absent when the connection failed; then `failure` says how. */
  readonly response?: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    /** Text of an API answer. */
    readonly body?: string;
    /** Bytes of a download, as delivered; absent where they exceed what is kept. */
    readonly bodyBase64?: string;
  };
  readonly failure?: string;
}

export interface RequestPart {
  readonly operation: Operation;
  readonly account: string;
  readonly request: HttpRequest;
  readonly sentMs: number;
}

export interface CaptureOptions {
  readonly directory: string;
  readonly redactor: Redactor;
  readonly now: () => number;
  readonly logger: Logger;
}

/** Downloads above this are captured without their bytes. */
export const MAX_CAPTURED_BYTES = 1_048_576;

const SECRET_HEADERS = new Set(['authorization', 'cookie', 'set-cookie', 'x-amz-security-token']);

/** Writes redacted request-response pairs to a folder. Never fails a call: it warns instead. */
export class Capture {
  readonly #options: CaptureOptions;
  #written = 0;

  constructor(options: CaptureOptions) {
    this.#options = options;
  }

  answer(pair: RequestPart, { status, headers, body }: HttpAnswer): Promise<void> {
    const text = this.#options.redactor.redact(body);
    return this.#write(pair, { response: { status, headers: this.#clean(headers), body: text } });
  }

  failure(pair: RequestPart, error: Error): Promise<void> {
    return this.#write(pair, { failure: this.#options.redactor.redact(error.message) });
  }

  /** A download; `bytes` is undefined where there were too many to keep. */
  download(pair: RequestPart, head: HttpHead, bytes: Buffer | undefined): Promise<void> {
    const { status } = head;
    const headers = this.#clean(head.headers);
    return this.#write(pair, {
      response: {
        status,
        headers,
        ...(bytes === undefined ? {} : { bodyBase64: bytes.toString('base64') }),
      },
    });
  }

  async #write(part: RequestPart, outcome: Partial<CapturedPair>): Promise<void> {
    const { directory, now, logger } = this.#options;
    this.#written += 1;
    const sentAt = isoOf(part.sentMs);
    const pair: CapturedPair = {
      version: 1,
      operation: part.operation,
      account: part.account,
      sentAt,
      receivedAt: isoOf(now()),
      request: this.#request(part.request),
      ...outcome,
    };
    const stamp = sentAt.replaceAll(/[-:.]/g, '');
    const number = String(this.#written).padStart(6, '0');
    const file = path.join(directory, `${stamp}-${number}-${part.operation}.json`);
    try {
      await mkdir(directory, { recursive: true });
      await writeFile(file, `${JSON.stringify(pair, null, 2)}\n`);
    } catch (error) {
      logger.warn({ file, error: String(error) }, 'a request could not be captured');
    }
  }

  #request({ method, url, headers, body }: HttpRequest): CapturedPair['request'] {
    const { redactor } = this.#options;
    return {
      method,
      url: headers['authorization'] === undefined ? redactor.redact(url) : url,
      headers: this.#clean(headers),
      ...(body === undefined ? {} : { body: redactor.redact(body) }),
    };
  }

  #clean(headers: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [
        name,
        SECRET_HEADERS.has(name.toLowerCase())
          ? '[redacted]'
          : this.#options.redactor.redact(value),
      ]),
    );
  }
}

function isoOf(ms: number): string {
  return new Date(Math.floor(ms)).toISOString();
}
