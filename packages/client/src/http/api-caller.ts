import type { TokenSource } from '../auth/token-source.ts';
import type { Capture } from '../capture/capture.ts';
import { AccessDeniedError } from '../errors/access-denied-error.ts';
import { ConnectionError } from '../errors/connection-error.ts';
import { ResponseMalformedError } from '../errors/response-malformed-error.ts';
import { ServiceUnavailableError } from '../errors/service-unavailable-error.ts';
import type { TrafficEventsError } from '../errors/traffic-events-error.ts';
import type { Logger } from '../logger.ts';
import { Outage } from './outage.ts';
import { answerError } from './answer-error.ts';
import { answerKind, requestIdOf } from './answer-kind.ts';
import type { AnswerKind } from './answer-kind.ts';
import type { AccountRoute, ApiAnswer, ApiRequest } from './api-request.ts';
import type { ApiTime } from './api-time.ts';
import type { Redactor } from './redaction.ts';
import { retryAfterOf } from './retry-timing.ts';
import { retrying } from './retrying.ts';
import type { FailedTry, RetryTimes } from './retrying.ts';
import type { HttpAnswer, HttpRequest, HttpTransport } from './transport.ts';

export interface ApiCallerOptions extends RetryTimes {
  readonly transport: HttpTransport;
  readonly tokens: TokenSource;
  readonly apiTime: ApiTime;
  readonly redactor: Redactor;
  readonly logger: Logger;
  readonly capture: Capture | undefined;
}

/** A 403 can mean an expired token only when the token is nearly as old as tokens get. */
const OLD_TOKEN_MS = 55 * 60_000;

/**
 * Good tokens are refused now and then (airbytehq/airbyte#54650), one that is a second old as well:
 * only so many refusals in a row, with waits between them, say that there is no access.
 */
const UNAUTHORIZED_TRIES = 4;

/** New tokens that a call may still ask for: further ones would be refused for the same reason. */
interface Renewals {
  left: number;
}

interface Attempt {
  readonly answer: HttpAnswer;
  readonly kind: AnswerKind;
  readonly apiTimeMs: number | null;
  readonly token: string;
}

/** A try that did not succeed. */
interface FailedCall extends FailedTry {
  readonly error: TrafficEventsError;
}

/** Calls the API: token, headers, retries, and errors that say what to do. */
export class ApiCaller {
  readonly #options: ApiCallerOptions;
  /** Accounts that were answered: what is known to be good about the credentials. */
  readonly #served = new Set<string>();
  readonly #outages = new Map<string, Outage>();

  constructor(options: ApiCallerOptions) {
    this.#options = options;
  }

  /** The answer, once it is a success; otherwise the error of the last try. */
  call(route: AccountRoute, request: ApiRequest): Promise<ApiAnswer> {
    const { logger } = this.#options;
    const { operation, signal } = request;
    const renewals = { left: 1 };
    const outage = this.outage(route);
    return retrying<ApiAnswer, FailedCall>(
      () => outage.watch(() => this.#try(route, request, renewals)),
      this.#options,
      {
        signal,
        endMs: () => outage.endMs,
        isWorthwhile: ({ error }, attempt) => isTransient(error, request, attempt),
        errorOf: ({ error }) => error,
        onWait: ({ error: { code, status } }, { attempt, delayMs }) =>
          logger.info({ operation, code, status, attempt, delayMs }, 'request.retried'),
      },
    );
  }

  /** Whether an account is answered. */
  outage({ key }: AccountRoute): Outage {
    const { clock, retry } = this.#options;
    let outage = this.#outages.get(key);
    if (outage === undefined) {
      outage = new Outage({ clock, maxOutageMs: retry.maxOutageMs });
      this.#outages.set(key, outage);
    }
    return outage;
  }

  /** One try, with a second one at once where a new token may help. */
  async #try(
    route: AccountRoute,
    request: ApiRequest,
    renewals: Renewals,
  ): Promise<ApiAnswer | FailedCall> {
    let attempt = await this.#send(route, request);
    if ('kind' in attempt && this.#renewToken(attempt, renewals)) {
      attempt = await this.#send(route, request);
    }
    if ('error' in attempt) return attempt;
    const { answer, kind, apiTimeMs } = attempt;
    const { redactor, clock } = this.#options;
    if (kind === 'success') {
      const json = JSON.parse(answer.body) as unknown;
      this.#served.add(route.key);
      const clean: ApiAnswer['clean'] = (text, maxLength) => redactor.clean(text, maxLength);
      return { json, apiTimeMs, requestId: requestIdOf(answer), clean };
    }
    return {
      error: answerError({ answer, kind, request, route, redactor, served: this.#served }),
      retryAfterMs: retryAfterOf(answer, clock.now()),
    };
  }

  /** Sends once. Without a token it throws: that has had tries of its own. */
  async #send(route: AccountRoute, request: ApiRequest): Promise<Attempt | FailedCall> {
    const { tokens, transport, apiTime, clock, capture, logger } = this.#options;
    const token = await tokens.accessToken(route.tokenUrl, request.signal);
    const http = httpRequest(route, request, token);
    const sentMs = clock.now();
    const { operation } = request;
    const pair = { operation, account: route.key, request: http, sentMs };
    try {
      const answer = await transport.send(http);
      logger.debug({ operation, status: answer.status }, 'request.answered');
      const kind = answerKind(answer);
      // What somebody else answered says nothing about the API's clock.
      const isOwn = kind !== 'foreign' && kind !== 'malformed';
      const apiTimeMs = isOwn ? apiTime.observe(answer.headers['date'], sentMs) : null;
      await capture?.answer(pair, answer);
      return { answer, kind, apiTimeMs, token };
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      logger.debug({ operation, status: 'none' }, 'request.answered');
      await capture?.failure(pair, error);
      return { error, retryAfterMs: null };
    }
  }

  /** True when the token was at fault, or may have been, and another one is worth a try. */
  #renewToken({ kind, token }: Attempt, renewals: Renewals): boolean {
    const { tokens } = this.#options;
    if (renewals.left === 0) return false;
    const suspect =
      kind === 'unauthorized' || (kind === 'forbidden' && tokens.ageMs(token) > OLD_TOKEN_MS);
    if (!suspect) return false;
    tokens.discard(token);
    renewals.left -= 1;
    return true;
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

function isTransient(error: TrafficEventsError, request: ApiRequest, attempt: number): boolean {
  if (error instanceof AccessDeniedError) {
    return error.status === 401 && attempt < UNAUTHORIZED_TRIES;
  }
  const transient =
    error instanceof ServiceUnavailableError ||
    error instanceof ConnectionError ||
    error instanceof ResponseMalformedError;
  return transient && (request.repeatable || !error.mayHaveSucceeded);
}
