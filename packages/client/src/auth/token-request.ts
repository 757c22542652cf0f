import { ConnectionError } from '../errors/connection-error.ts';
import { TrafficEventsError } from '../errors/traffic-events-error.ts';
import type { Outage } from '../http/outage.ts';
import { retryAfterOf } from '../http/retry-timing.ts';
import { retrying } from '../http/retrying.ts';
import type { FailedTry, RetryTimes } from '../http/retrying.ts';
import type { HttpTransport } from '../http/transport.ts';
import { readTokenAnswer } from './token-answer.ts';
import type { Grant } from './token-answer.ts';

export interface TokenRequestOptions extends RetryTimes {
  readonly transport: HttpTransport;
  /** Of whoever asks time and again. */
  readonly outage?: Outage;
}

/** Nothing that grants or refuses is longer. */
const MAX_ANSWER_BYTES = 262_144;

interface FailedRequest extends FailedTry {
  readonly error: TrafficEventsError;
}

/** Asks Login with Amazon for a grant; 429, 5xx and broken connections are tried again, 4xx never. */
export function requestGrant(
  tokenUrl: string,
  form: Readonly<Record<string, string>>,
  options: TokenRequestOptions,
  signal?: AbortSignal,
): Promise<Grant> {
  const { outage } = options;
  const once = () => tryOnce(tokenUrl, form, options, signal);
  return retrying<Grant, FailedRequest>(() => outage?.watch(once) ?? once(), options, {
    isWorthwhile: ({ error }) => error.action === 'retriable',
    ...(outage === undefined ? {} : { endMs: () => outage.endMs }),
    errorOf: ({ error }) => error,
    signal,
  });
}

async function tryOnce(
  tokenUrl: string,
  form: Readonly<Record<string, string>>,
  { transport, clock }: TokenRequestOptions,
  signal?: AbortSignal,
): Promise<Grant | FailedRequest> {
  try {
    const answer = await transport.send({
      method: 'POST',
      url: tokenUrl,
      headers: {
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
      },
      body: new URLSearchParams(form).toString(),
      maxAnswerBytes: MAX_ANSWER_BYTES,
      signal,
    });
    const grant = readTokenAnswer(answer);
    if (!(grant instanceof TrafficEventsError)) return grant;
    return { error: grant, retryAfterMs: retryAfterOf(answer, clock.now()) };
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    // Whatever has become of it, what the token was wanted for has not been sent.
    const lost = new ConnectionError(`Login with Amazon could not be asked: ${error.message}`, {
      mayHaveSucceeded: false,
      cause: error,
    });
    return { error: lost, retryAfterMs: null };
  }
}
