import { createHmac } from 'node:crypto';
import { retryAfterOf, retrying } from '@traffic-events/client';
import type { Clock, FailedTry, Logger, RetryPolicy } from '@traffic-events/client';
import { EnvHttpProxyAgent, request } from 'undici';
import type { Dispatcher } from 'undici';
import type { Alert } from './alert.ts';
import { alertBody } from './alert-body.ts';
import type { Webhook } from './alert-settings.ts';

const RETRY: RetryPolicy = {
  maxAttempts: 4,
  baseDelayMs: 10_000,
  maxDelayMs: 60_000,
  maxRetryAfterMs: 120_000,
  maxOutageMs: Infinity,
};
const TIMEOUT_MS = 10_000;
/** Once it is asked to stop, a program has ten seconds in all. */
const LAST_TIMEOUT_MS = 1500;
const MAX_REASON = 200;

export interface SendContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** `t=<seconds>,v1=<HMAC-SHA256 of "<seconds>.<body>", hexadecimal>` */
export function signatureOf(body: string, secret: string, nowMs: number): string {
  const seconds = Math.floor(nowMs / 1000);
  const digest = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${digest}`;
}

/** Sends an alert, and tries again what may pass; says in the log whether it has arrived. */
export async function sendAlert(
  webhook: Webhook,
  alert: Alert,
  context: SendContext,
): Promise<void> {
  const { clock, logger, signal } = context;
  const body = alertBody(alert, new Date(clock.now()).toISOString(), webhook.body);
  const named = { alert: alert.event, id: alert.id, host: new URL(webhook.url).host };
  await using agent = ownAgent();
  let tries = 0;
  const once = () => {
    tries += 1;
    return post(webhook, body, context, agent.dispatcher);
  };
  try {
    await retrying<object, FailedPost>(
      once,
      { clock, retry: RETRY, random: Math.random },
      {
        isWorthwhile: ({ mayPass }) => mayPass && !signal.aborted,
        errorOf: ({ reason }) => new Error(reason),
        signal,
      },
    );
    logger.info(named, 'alert.sent');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    logger.error({ ...named, reason, tries }, 'alert.failed');
  }
}

/** Through the proxies of the environment, as everything else. */
function ownAgent() {
  const dispatcher = new EnvHttpProxyAgent();
  return { dispatcher, [Symbol.asyncDispose]: () => dispatcher.destroy() };
}

interface FailedPost extends FailedTry {
  readonly reason: string;
  readonly mayPass: boolean;
}

async function post(
  { url, secret }: Webhook,
  body: string,
  { clock, signal }: SendContext,
  dispatcher: Dispatcher,
): Promise<object | FailedPost> {
  const signature = secret === undefined ? undefined : signatureOf(body, secret, clock.now());
  try {
    const answer = await request(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'traffic-events',
        ...(signature === undefined ? {} : { 'traffic-events-signature': signature }),
      },
      body,
      dispatcher,
      signal: AbortSignal.timeout(signal.aborted ? LAST_TIMEOUT_MS : TIMEOUT_MS),
    });
    await answer.body.dump();
    return failureOf(answer, clock.now()) ?? {};
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string };
    const reason = (message || code || 'no answer').replaceAll(url, new URL(url).host);
    return { reason: reason.slice(0, MAX_REASON), mayPass: true, retryAfterMs: null };
  }
}

function failureOf(
  { statusCode, headers }: Dispatcher.ResponseData,
  nowMs: number,
): FailedPost | null {
  if (statusCode < 300) return null;
  return {
    reason: `it was answered ${statusCode}`,
    mayPass: statusCode >= 500 || statusCode === 408 || statusCode === 429,
    retryAfterMs: retryAfterOf({ headers }, nowMs),
  };
}
