import { Agent } from 'undici';
import type { Dispatcher } from 'undici';

import { ConnectionError } from '../errors/connection-error.ts';
import type { Redactor } from './redaction.ts';

export type HttpMethod = 'GET' | 'POST' | 'PUT';

export interface HttpRequest {
  readonly method: HttpMethod;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
}

/** The head of an answer; header names are lower case. */
export interface HttpHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

export interface HttpAnswer extends HttpHead {
  readonly body: string;
}

export interface HttpStream extends HttpHead {
  readonly body: AsyncIterable<Uint8Array>;
  /** Drops what has not been read. */
  discard(): Promise<void>;
}

export interface TransportOptions {
  /** Longest silence of a peer, in real milliseconds whatever the clock. */
  readonly requestTimeoutMs: number;
  readonly redactor: Redactor;
  /** Ends every request, with its reason. */
  readonly closed?: AbortSignal;
  /** Replaces the connections of our own, to go through a proxy for instance. */
  readonly dispatcher?: Dispatcher | undefined;
}

/** Codes of failures before a request can have been sent. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Sends requests; every failure is a ConnectionError, an abort the signal's own reason. */
export class HttpTransport {
  readonly #dispatcher: Dispatcher;
  readonly #ownAgent: Agent | undefined;
  readonly #redactor: Redactor;
  readonly #closed: AbortSignal | undefined;

  constructor(options: TransportOptions) {
    this.#redactor = options.redactor;
    this.#closed = options.closed;
    if (options.dispatcher === undefined) {
      const timeout = options.requestTimeoutMs;
      this.#ownAgent = new Agent({
        headersTimeout: timeout,
        bodyTimeout: timeout,
        connect: { timeout },
      });
    }
    this.#dispatcher = options.dispatcher ?? (this.#ownAgent as Agent);
  }

  async send(request: HttpRequest): Promise<HttpAnswer> {
    try {
      const { statusCode, headers, body } = await this.#dispatch(request);
      return { status: statusCode, headers: flatHeaders(headers), body: await body.text() };
    } catch (error) {
      throw this.#failure(error, request);
    }
  }

  /** Like `send`, but the body is read by the caller. */
  async stream(request: HttpRequest): Promise<HttpStream> {
    try {
      const { statusCode, headers, body } = await this.#dispatch(request);
      return {
        status: statusCode,
        headers: flatHeaders(headers),
        body: this.#guarded(body, request),
        discard: () => body.dump(),
      };
    } catch (error) {
      throw this.#failure(error, request);
    }
  }

  async close(): Promise<void> {
    await this.#ownAgent?.destroy();
  }

  #dispatch(request: HttpRequest): Promise<Dispatcher.ResponseData> {
    const signals = [request.signal, this.#closed].filter((signal) => signal !== undefined);
    const signal = AbortSignal.any(signals);
    signal.throwIfAborted();
    const url = new URL(request.url);
    return this.#dispatcher.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: request.method,
      headers: request.headers,
      body: request.body ?? null,
      signal,
    });
  }

  async *#guarded(
    body: AsyncIterable<Uint8Array>,
    request: HttpRequest,
  ): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
    } catch (error) {
      throw this.#failure(error, request);
    }
  }

  #failure(error: unknown, request: HttpRequest): unknown {
    for (const signal of [request.signal, this.#closed]) {
      if (signal?.aborted === true) return signal.reason;
    }
    const { code, message } = error as { code?: string; message?: string };
    const url = new URL(request.url);
    const why = this.#redactor.redact(message || code || String(error));
    return new ConnectionError(
      `${request.method} ${url.origin}${url.pathname} got no whole answer: ${why}`,
      { mayHaveSucceeded: !NEVER_SENT.has(code ?? '') },
    );
  }
}

function flatHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value ?? '')]),
  );
}
