import { Agent } from 'undici';
import type { Dispatcher } from 'undici';

import { ConnectionError } from '../errors/connection-error.ts';
import type { Redactor } from './redaction.ts';
import { Sending } from './sending.ts';

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
    const sending = new Sending();
    try {
      const { statusCode, headers, body } = await this.#dispatch(request, sending);
      return { status: statusCode, headers: flatHeaders(headers), body: await body.text() };
    } catch (error) {
      throw this.#failure(error, request, sending);
    }
  }

  /** Like `send`, but the body is read by the caller. */
  async stream(request: HttpRequest): Promise<HttpStream> {
    const sending = new Sending();
    try {
      const { statusCode, headers, body } = await this.#dispatch(request, sending);
      return {
        status: statusCode,
        headers: flatHeaders(headers),
        body: this.#guarded(body, request, sending),
        discard: () => body.dump(),
      };
    } catch (error) {
      throw this.#failure(error, request, sending);
    }
  }

  async close(): Promise<void> {
    await this.#ownAgent?.destroy();
  }

  #dispatch(request: HttpRequest, sending: Sending): Promise<Dispatcher.ResponseData> {
    const signals = [request.signal, this.#closed].filter((signal) => signal !== undefined);
    const signal = AbortSignal.any(signals);
    signal.throwIfAborted();
    const url = new URL(request.url);
    return this.#dispatcher.compose(sending.watch).request({
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
    sending: Sending,
  ): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
    } catch (error) {
      throw this.#failure(error, request, sending);
    }
  }

  #failure(error: unknown, request: HttpRequest, sending: Sending): unknown {
    for (const signal of [request.signal, this.#closed]) {
      if (signal?.aborted === true) return signal.reason;
    }
    const { code, message } = error as { code?: string; message?: string };
    const url = new URL(request.url);
    const why = this.#redactor.clean(message || code || String(error));
    return new ConnectionError(
      `${request.method} ${url.origin}${url.pathname} got no whole answer: ${why}`,
      { mayHaveSucceeded: sending.hasBegun },
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
