import { systemClock } from '../clock.ts';
import { defaultRetryPolicy } from '../http/retry-timing.ts';
import { Redactor } from '../http/redaction.ts';
import { HttpTransport } from '../http/transport.ts';
import { userAgent } from '../http/user-agent.ts';
import { regions } from '../marketplace.ts';
import type { Region } from '../marketplace.ts';
import { CredentialsRefusedError } from '../errors/credentials-refused-error.ts';
import { requestGrant } from './token-request.ts';

const SCOPE = 'advertising::campaign_management';
const REQUEST_TIMEOUT_MS = 60_000;

/** Consents that were given from here on end after a year (API.md 3); those of before do not end. */
const ENDING_SINCE_MS = Date.parse('2026-07-30T00:00:00Z');
const CONSENT_LIFE_MS = 365 * 86_400_000;

/** When a consent ends that was given at that instant (epoch ms); null for one that does not end by itself. */
export function consentEndMs(givenMs: number): number | null {
  return givenMs < ENDING_SINCE_MS ? null : givenMs + CONSENT_LIFE_MS;
}

export interface ConsentUrlOptions {
  readonly region: Region;
  readonly clientId: string;
  /** One of the Allowed Return URLs of the security profile, exactly. */
  readonly redirectUri: string;
  /** Comes back with the code; compare it, so that nobody slips in a code of theirs. */
  readonly state: string;
  /** Instead of the region's page. */
  readonly consentPage?: string | undefined;
}

/** Where a user of the Ads account consents; the browser comes back to redirectUri with `code`. */
export function consentUrl(options: ConsentUrlOptions): string {
  const { region, clientId, redirectUri, state, consentPage } = options;
  const query = new URLSearchParams({
    client_id: clientId,
    scope: SCOPE,
    response_type: 'code',
    redirect_uri: redirectUri,
    state,
  });
  return `${consentPage ?? regions[region].consentUrl}?${query.toString()}`;
}

export interface CodeExchange {
  readonly region: Region;
  readonly clientId: string;
  readonly clientSecret: string;
  /** From the address that the browser came back to; good for five minutes and once. */
  readonly code: string;
  readonly redirectUri: string;
  /** Instead of the region's. */
  readonly tokenUrl?: string | undefined;
  /** Instead of HTTPS_PROXY and HTTP_PROXY, and of NO_PROXY. */
  readonly proxyUrl?: string | undefined;
  readonly noProxy?: string | undefined;
  readonly signal?: AbortSignal;
}

/**
 * Turns the code of a consent into a refresh token, which `TrafficEventsClient` runs on. When the
 * consent ends says `consentEndMs`. CredentialsRefusedError when refused.
 */
export async function exchangeCode(exchange: CodeExchange): Promise<{ refreshToken: string }> {
  const { region, clientId, clientSecret, code, redirectUri, tokenUrl, signal } = exchange;
  const redactor = new Redactor();
  for (const secret of [clientSecret, code]) redactor.add(secret);
  const transport = new HttpTransport({
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    answerTimeoutMs: REQUEST_TIMEOUT_MS,
    redactor,
    userAgent: userAgent(undefined),
    proxyUrl: exchange.proxyUrl,
    noProxy: exchange.noProxy,
  });
  try {
    const { refreshToken } = await requestGrant(
      tokenUrl ?? regions[region].tokenUrl,
      {
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirectUri,
        client_id: clientId,
        client_secret: clientSecret,
      },
      { transport, clock: systemClock, retry: defaultRetryPolicy, random: Math.random },
      signal,
    );
    if (refreshToken !== null) return { refreshToken };
    throw new CredentialsRefusedError(
      'Login with Amazon granted access without a refresh_token. Consent again with response_type=code',
    );
  } finally {
    await transport.close();
  }
}
