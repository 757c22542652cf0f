import type { TokenSource } from '../auth/token-source.ts';
import type { Capture, Operation } from '../capture/capture.ts';
import type { Clock } from '../clock.ts';
import { AccessDeniedError } from '../errors/access-denied-error.ts';
import { CapacityError } from '../errors/capacity-error.ts';
import { ConnectionError } from '../errors/connection-error.ts';
import { ExecutionNotFoundError } from '../errors/execution-not-found-error.ts';
import { RequestRefusedError } from '../errors/request-refused-error.ts';
import { ResponseMalformedError } from '../errors/response-malformed-error.ts';
import { ServiceUnavailableError } from '../errors/service-unavailable-error.ts';
import type { TrafficEventsError } from '../errors/traffic-events-error.ts';
import type { Logger } from '../logger.ts';
import { answerKind, errorText } from './answer-kind.ts';
import type { AnswerKind } from './answer-kind.ts';
import type { ApiTime } from './api-time.ts';
import type { Redactor } from './redaction.ts';
import { parseRetryAfter, retryDelayMs } from './retry-timing.ts';
import type { RetryPolicy } from './retry-timing.ts';
import type { HttpAnswer, HttpMethod, HttpRequest, HttpTransport } from './transport.ts';

/** What every call of one account needs. */
export interface AccountRoute {
  readonly key: string;
  readonly apiUrl: string;
  readonly tokenUrl: string;
  /** Headers that name the account, its marketplace and the client. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface ApiRequest {
  readonly operation: Operation;
  readonly method: HttpMethod;
  /** From the host on, with the query. */
  readonly path: string;
  readonly body?: unknown;
  /** Whether the same request may be sent twice; a create may not. */
  readonly repeatable: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** A successful answer. */
export interface ApiAnswer {
  readonly json: unknown;
  readonly apiTimeMs: number | null;
  readonly requestId: string | undefined;
}

export interface ApiCallerOptions {
  readonly transport: HttpTransport;
  readonly tokens: TokenSource;
  readonly apiTime: ApiTime;
  readonly clock: Clock;
  readonly retry: RetryPolicy;
  readonly random: () => number;
  readonly redactor: Redactor;
  readonly logger: Logger;
  readonly capture: Capture | undefined;
}

/** A 403 can mean an expired token only when the token is nearly as old as tokens get. */
const OLD_TOKEN_MS = 55 * 60_000;

interface Attempt {
  readonly answer: HttpAnswer;
  readonly kind: AnswerKind;
  readonly apiTimeMs: number | null;
  readonly token: string;
}

/** A try that did not succeed. */
interface Failure {
  readonly error: TrafficEventsError;
  readonly retryAfterMs: number | null;
}

/** Calls the API: token, headers, retries, and errors that say what to do. */
export class ApiCaller {
  readonly #options: ApiCallerOptions;

  constructor(options: ApiCallerOptions) {
    this.#options = options;
  }

  /** The answer, once it is a success; otherwise the error of the last try. */
  async call(route: AccountRoute, request: ApiRequest): Promise<ApiAnswer> {
    const { retry, random, clock, logger } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      const result = await this.#try(route, request);
      if ('json' in result) return result;
      const { error, retryAfterMs } = result;
      if (!isTransient(error, request) || attempt >= retry.maxAttempts) throw error;
      const delayMs = retryDelayMs({ policy: retry, attempt, retryAfterMs, random });
      logger.info(
        { operation: request.operation, code: error.code, status: error.status, attempt, delayMs },
        'request will be sent again',
      );
      await clock.sleep(delayMs, request.signal);
    }
  }

  /** One try, with a second one at once where a new token may help. */
  async #try(route: AccountRoute, request: ApiRequest): Promise<ApiAnswer | Failure> {
    let attempt = await this.#send(route, request);
    if ('kind' in attempt && this.#renewToken(attempt)) attempt = await this.#send(route, request);
    if ('error' in attempt) return attempt;
    if (attempt.kind === 'success') return this.#parse(attempt, request);
    const { answer, apiTimeMs } = attempt;
    const nowMs = apiTimeMs ?? this.#options.clock.now();
    return {
      error: this.#errorOf(attempt, route, request),
      retryAfterMs: parseRetryAfter(answer.headers['retry-after'], nowMs),
    };
  }

  /** Sends once. Without a token it throws: that has had tries of its own. */
  async #send(route: AccountRoute, request: ApiRequest): Promise<Attempt | Failure> {
    const { tokens, transport, apiTime, clock, capture } = this.#options;
    const token = await tokens.accessToken(route.tokenUrl, request.signal);
    const http = httpRequest(route, request, token);
    const sentMs = clock.now();
    const pair = { operation: request.operation, account: route.key, request: http, sentMs };
    try {
      const answer = await transport.send(http);
      const apiTimeMs = apiTime.observe(answer.headers['date'], sentMs);
      await capture?.answer(pair, answer);
      return { answer, kind: answerKind(answer.status, answer.body), apiTimeMs, token };
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      await capture?.failure(pair, error);
      return { error, retryAfterMs: null };
    }
  }

  /** True when the token was at fault, or may have been, and another one is worth a try. */
  #renewToken({ kind, token }: Attempt): boolean {
    const { tokens } = this.#options;
    const suspect =
      kind === 'unauthorized' || (kind === 'forbidden' && tokens.ageMs(token) > OLD_TOKEN_MS);
    if (suspect) tokens.discard(token);
    return suspect;
  }

  #parse({ answer, apiTimeMs }: Attempt, request: ApiRequest): ApiAnswer | Failure {
    const requestId = requestIdOf(answer);
    try {
      return { json: JSON.parse(answer.body) as unknown, apiTimeMs, requestId };
    } catch {
      const sample = this.#options.redactor.redact(answer.body.slice(0, 80));
      const error = new ResponseMalformedError(
        `${request.method} ${request.path} was answered ${answer.status} with ${answer.body.length} characters that are no JSON: ${JSON.stringify(sample)}`,
        { status: answer.status, requestId, unreachable: true },
      );
      return { error, retryAfterMs: null };
    }
  }

  #errorOf(
    { answer, kind }: Attempt,
    route: AccountRoute,
    request: ApiRequest,
  ): TrafficEventsError {
    const text = this.#options.redactor.redact(errorText(answer.body));
    const details = { status: answer.status, requestId: requestIdOf(answer) };
    const what = `${request.method} ${request.path} for ${route.key} was answered ${answer.status}: ${text}`;
    switch (kind) {
      case 'unauthorized':
      case 'forbidden':
        return new AccessDeniedError(
          `${what}. The credentials are good elsewhere; give their user access to ${route.key} in Amazon Ads`,
          details,
        );
      case 'capacity':
        return new CapacityError(`${what}. Wait until an execution of ${route.key} ends`, details);
      case 'not_found':
        return new ExecutionNotFoundError(
          `${what}. Check the execution id and the account`,
          details,
        );
      case 'rate_limited':
      case 'unavailable':
        return new ServiceUnavailableError(`${what}. Try again later`, {
          ...details,
          mayHaveSucceeded: kind === 'unavailable',
        });
      default:
        return new RequestRefusedError(
          `${what}. Correct the request before sending it again`,
          details,
        );
    }
  }
}

function httpRequest(route: AccountRoute, request: ApiRequest, token: string): HttpRequest {
  const hasBody = request.body !== undefined;
  return {
    method: request.method,
    url: `${route.apiUrl}${request.path}`,
    headers: {
      ...route.headers,
      accept: 'application/json',
      authorization: `Bearer ${token}`,
      ...(hasBody ? { 'content-type': 'application/json' } : {}),
    },
    ...(hasBody ? { body: JSON.stringify(request.body) } : {}),
    signal: request.signal,
  };
}

function isTransient(error: TrafficEventsError, request: ApiRequest): boolean {
  const transient =
    error instanceof ServiceUnavailableError ||
    error instanceof ConnectionError ||
    error instanceof ResponseMalformedError;
  return transient && (request.repeatable || !error.mayHaveSucceeded);
}

function requestIdOf({ headers }: HttpAnswer): string | undefined {
  return headers['x-amzn-requestid'] ?? headers['x-amz-rid'];
}
