import type { Dispatcher } from 'undici';

import { ConnectionError } from '../errors/connection-error.ts';
import { readBounded } from './bounded-body.ts';
import type { Redactor } from './redaction.ts';
import { ownAgent } from './own-agent.ts';
import { describeProxies, proxySecrets, proxySettings } from './proxy-settings.ts';
import { Sending } from './sending.ts';

export type HttpMethod = 'GET' | 'POST' | 'PUT';

export interface HttpRequest {
  readonly method: HttpMethod;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Most bytes that a success may have; 16 MiB unless set. */
  readonly maxAnswerBytes?: number;
  readonly signal?: AbortSignal | undefined;
}

/** The head of an answer; header names are lower case. */
export interface HttpHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

export interface HttpAnswer extends HttpHead {
  readonly body: string;
  /** The body went on beyond its bound. */
  readonly isCut: boolean;
}

export interface HttpStream extends HttpHead {
  readonly body: AsyncIterable<Uint8Array>;
  /** Drops what has not been read. */
  discard(): Promise<void>;
}

export interface TransportOptions {
  /** Longest silence of a peer, in real milliseconds whatever the clock. */
  readonly requestTimeoutMs: number;
  /** Longest time of an answer from the request to its last byte, in real milliseconds. */
  readonly answerTimeoutMs: number;
  readonly redactor: Redactor;
  readonly userAgent: string;
  /** Ends every request, with its reason. */
  readonly closed?: AbortSignal;
  /** Instead of connections of our own, which go through the proxies of the environment. */
  readonly dispatcher?: Dispatcher | undefined;
  /** Instead of HTTPS_PROXY and HTTP_PROXY. */
  readonly proxyUrl?: string | undefined;
  /** Instead of NO_PROXY. */
  readonly noProxy?: string | undefined;
}

/** Of undici, for 407 to a request that the proxy was to forward, and for what is no request. */
const REFUSED_BY_PROXY = 'UND_ERR_INVALID_ARG';
/** A page of a list has 100 executions, each with its SQL at most. */
const MAX_ANSWER_BYTES = 16 * 1_048_576;
/** The sentence of a refusal is within. */
const MAX_ERROR_BYTES = 65_536;

/** As the environment would say it. */
function givenProxies({ proxyUrl, noProxy }: TransportOptions): Record<string, string> {
  return {
    ...(proxyUrl === undefined ? {} : { https_proxy: proxyUrl, http_proxy: proxyUrl }),
    ...(noProxy === undefined ? {} : { no_proxy: noProxy }),
  };
}

/** Sends requests; every failure is a ConnectionError, an abort the signal's own reason. */
export class HttpTransport {
  readonly #dispatcher: Dispatcher;
  readonly #ownAgent: Dispatcher | undefined;
  /** Empty where no proxy is set, or the dispatcher is not ours. */
  readonly #proxies: string = '';
  readonly #redactor: Redactor;
  readonly #answerTimeoutMs: number;
  readonly #userAgent: string;
  readonly #closed: AbortSignal | undefined;

  constructor(options: TransportOptions) {
    this.#redactor = options.redactor;
    this.#answerTimeoutMs = options.answerTimeoutMs;
    this.#userAgent = options.userAgent;
    this.#closed = options.closed;
    if (options.dispatcher !== undefined) {
      this.#dispatcher = options.dispatcher;
      return;
    }
    const proxies = proxySettings({ ...process.env, ...givenProxies(options) });
    for (const secret of proxySecrets(proxies)) this.#redactor.add(secret);
    this.#proxies = describeProxies(proxies);
    this.#ownAgent = ownAgent(proxies, options.requestTimeoutMs);
    this.#dispatcher = this.#ownAgent;
  }

  /** The whole answer, within bounds of time and size; a refusal is read as far as it is printed. */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    const sending = new Sending();
    const timeout = AbortSignal.timeout(this.#answerTimeoutMs);
    try {
      const { statusCode: status, headers, body } = await this.#dispatch(request, sending, timeout);
      const maxBytes =
        status < 300 ? (request.maxAnswerBytes ?? MAX_ANSWER_BYTES) : MAX_ERROR_BYTES;
      const { text, isCut } = await readBounded(body, maxBytes);
      return { status, headers: flatHeaders(headers), body: text, isCut };
    } catch (error) {
      throw this.#failure(timeout.aborted ? this.#tooLong() : error, request, sending);
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

  #dispatch(
    request: HttpRequest,
    sending: Sending,
    timeout?: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const signals = [request.signal, this.#closed, timeout].filter(
      (signal) => signal !== undefined,
    );
    const signal = AbortSignal.any(signals);
    signal.throwIfAborted();
    const url = new URL(request.url);
    return this.#dispatcher.compose(sending.watch).request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: request.method,
      headers: { 'user-agent': this.#userAgent, ...request.headers },
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

  #tooLong(): Error {
    return new Error(`it took longer than ${this.#answerTimeoutMs / 1_000} s (answerTimeoutMs)`);
  }

  #failure(error: unknown, request: HttpRequest, sending: Sending): unknown {
    for (const signal of [request.signal, this.#closed]) {
      if (signal?.aborted === true) return signal.reason;
    }
    const { code, message } = error as { code?: string; message?: string };
    const url = new URL(request.url);
    const reason = this.#redactor.clean(message || code || String(error));
    // What is said of a proxy helps where the request has not got through it.
    const isLost = sending.hasBegun || this.#proxies === '';
    const why = isLost ? reason : `${reason} (${this.#proxies}; NO_PROXY lists what goes without)`;
    return new ConnectionError(
      `${request.method} ${url.origin}${url.pathname} got no whole answer: ${why}`,
      { mayHaveSucceeded: sending.hasBegun && code !== REFUSED_BY_PROXY },
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
