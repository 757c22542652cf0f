import { createHmac } from 'node:crypto';
import type { Clock, Logger } from '@traffic-events/client';
import { EnvHttpProxyAgent, request } from 'undici';
import type { Dispatcher } from 'undici';
import type { Alert } from './alert.ts';
import { alertBody } from './alert-body.ts';
import type { Webhook } from './alert-settings.ts';

/** Waits before further tries, in ms of the clock. */
const WAITS_MS = [1000, 10_000, 60_000];
const LONGEST_WAIT_MS = 120_000;
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
  for (let tries = 0; ; tries += 1) {
    const failure = await post(webhook, body, context, agent.dispatcher);
    if (failure === null) {
      logger.info(named, 'alert.sent');
      return;
    }
    const waitMs = failure.retryAfterMs ?? WAITS_MS[tries];
    if (!failure.mayPass || tries >= WAITS_MS.length || waitMs === undefined || signal.aborted) {
      logger.error({ ...named, reason: failure.reason, tries: tries + 1 }, 'alert.failed');
      return;
    }
    await clock.sleep(Math.min(waitMs, LONGEST_WAIT_MS), signal).catch(() => {});
  }
}

/** Through the proxies of the environment, as everything else. */
function ownAgent() {
  const dispatcher = new EnvHttpProxyAgent();
  return { dispatcher, [Symbol.asyncDispose]: () => dispatcher.destroy() };
}

interface Failure {
  readonly reason: string;
  readonly mayPass: boolean;
  readonly retryAfterMs: number | undefined;
}

async function post(
  { url, secret }: Webhook,
  body: string,
  { clock, signal }: SendContext,
  dispatcher: Dispatcher,
): Promise<Failure | null> {
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
    return failureOf(answer);
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string };
    const reason = (message || code || 'no answer').replaceAll(url, new URL(url).host);
    return { reason: reason.slice(0, MAX_REASON), mayPass: true, retryAfterMs: undefined };
  }
}

function failureOf({ statusCode, headers }: Dispatcher.ResponseData): Failure | null {
  if (statusCode < 300) return null;
  const seconds = Number(headers['retry-after']);
  return {
    reason: `it was answered ${statusCode}`,
    mayPass: statusCode >= 500 || statusCode === 408 || statusCode === 429,
    retryAfterMs: seconds > 0 ? seconds * 1000 : undefined,
  };
}
