import { ConnectionError } from '../errors/connection-error.ts';
import { TrafficEventsError } from '../errors/traffic-events-error.ts';
import type { Clock } from '../clock.ts';
import { retryDelayMs } from '../http/retry-timing.ts';
import type { RetryPolicy } from '../http/retry-timing.ts';
import type { HttpTransport } from '../http/transport.ts';
import { readTokenAnswer } from './token-answer.ts';
import type { Grant } from './token-answer.ts';

export interface TokenRequestOptions {
  readonly transport: HttpTransport;
  readonly clock: Clock;
  readonly retry: RetryPolicy;
  readonly random: () => number;
}

/** Asks Login with Amazon for a grant; 429, 5xx and broken connections are tried again, 4xx never. */
export async function requestGrant(
  tokenUrl: string,
  form: Readonly<Record<string, string>>,
  options: TokenRequestOptions,
  signal?: AbortSignal,
): Promise<Grant> {
  const { transport, clock, retry, random } = options;
  for (let attempt = 1; ; attempt += 1) {
    const grant = await tryOnce(transport, tokenUrl, form, signal);
    if (!(grant instanceof TrafficEventsError)) return grant;
    if (grant.action !== 'retriable' || attempt >= retry.maxAttempts) throw grant;
    await clock.sleep(retryDelayMs({ policy: retry, attempt, retryAfterMs: null, random }), signal);
  }
}

async function tryOnce(
  transport: HttpTransport,
  tokenUrl: string,
  form: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<Grant | TrafficEventsError> {
  try {
    const answer = await transport.send({
      method: 'POST',
      url: tokenUrl,
      headers: {
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
      },
      body: new URLSearchParams(form).toString(),
      signal,
    });
    return readTokenAnswer(answer);
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    // Whatever has become of it, what the token was wanted for has not been sent.
    return new ConnectionError(`Login with Amazon could not be asked: ${error.message}`, {
      mayHaveSucceeded: false,
      cause: error,
    });
  }
}
