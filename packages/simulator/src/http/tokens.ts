import { randomBytes } from 'node:crypto';
import type { Credentials } from '../settings/settings.ts';

/** An answer of Login with Amazon. */
export interface TokenAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Login with Amazon: access tokens for a refresh token, expiring on the simulated clock. */
export class Tokens {
  readonly #credentials: Credentials;
  readonly #now: () => number;
  readonly #expiry = new Map<string, number>();

  constructor(options: { credentials: Credentials; now: () => number }) {
    this.#credentials = options.credentials;
    this.#now = options.now;
  }

  issue(form: URLSearchParams, ttlSeconds: number): TokenAnswer {
    const { clientId, clientSecret, refreshToken } = this.#credentials;
    if (form.get('client_id') !== clientId || form.get('client_secret') !== clientSecret) {
      return refusal(401, 'invalid_client', 'Client authentication failed');
    }
    const grantType = form.get('grant_type');
    if (grantType === null) {
      return refusal(
        400,
        'invalid_request',
        'The request is missing a required parameter : grant_type',
      );
    }
    if (grantType !== 'refresh_token') {
      return refusal(
        400,
        'unsupported_grant_type',
        'The authorization grant type is not supported by the authorization server',
      );
    }
    if (form.get('refresh_token') !== refreshToken) {
      return refusal(
        400,
        'invalid_grant',
        "The request has an invalid grant parameter : refresh_token. User may have revoked or didn't grant the permission.",
      );
    }
    const accessToken = `Atza|${randomBytes(24).toString('base64url')}`;
    this.#expiry.set(accessToken, this.#now() + ttlSeconds * 1000);
    const body = { access_token: accessToken, token_type: 'bearer', expires_in: ttlSeconds };
    return { status: 200, body: { ...body, refresh_token: refreshToken } };
  }

  /** What is to be thought of an Authorization header. */
  judge(authorization: string | undefined): 'valid' | 'expired' | 'invalid' {
    const token = /^bearer (.+)$/i.exec(authorization ?? '')?.[1];
    const expiresMs = token === undefined ? undefined : this.#expiry.get(token);
    if (expiresMs === undefined) return 'invalid';
    return expiresMs > this.#now() ? 'valid' : 'expired';
  }
}

function refusal(status: number, error: string, description: string): TokenAnswer {
  return { status, body: { error, error_description: description, request_id: requestId() } };
}

export function requestId(): string {
  return randomBytes(16).toString('hex');
}
