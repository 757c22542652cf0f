import { randomBytes } from 'node:crypto';
import type { Behaviour } from '../settings/behaviour.ts';
import type { Credentials } from '../settings/settings.ts';

/** An answer of Login with Amazon. */
export interface TokenAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface TokensOptions {
  readonly credentials: Credentials;
  readonly now: () => number;
  readonly behaviour: () => Behaviour;
}

/** An authorisation code lives five minutes and is good once (API.md 3). */
const CODE_TTL_MS = 5 * 60_000;

/** Login with Amazon: codes, refresh and access tokens, expiring on the simulated clock. */
export class Tokens {
  readonly #options: TokensOptions;
  readonly #accessExpiry = new Map<string, number>();
  readonly #codes = new Map<string, { readonly expiresMs: number; readonly redirectUri: string }>();
  #consentMs: number;

  constructor(options: TokensOptions) {
    this.#options = options;
    this.#consentMs = options.now();
  }

  /** A code for the consent of a user; undefined for a client that is not known. */
  consent(clientId: string, redirectUri: string): string | undefined {
    if (clientId !== this.#options.credentials.clientId) return undefined;
    const code = randomBytes(10).toString('hex');
    this.#codes.set(code, { expiresMs: this.#options.now() + CODE_TTL_MS, redirectUri });
    return code;
  }

  issue(form: URLSearchParams): TokenAnswer {
    const { clientId, clientSecret } = this.#options.credentials;
    if (form.get('client_id') !== clientId || form.get('client_secret') !== clientSecret) {
      return refusal(401, 'invalid_client', 'Client authentication failed');
    }
    switch (form.get('grant_type')) {
      case 'refresh_token':
        return this.#refresh(form.get('refresh_token'));
      case 'authorization_code':
        return this.#exchange(form.get('code') ?? '', form.get('redirect_uri'));
      case null:
        return refusal(400, 'invalid_request', MISSING_GRANT_TYPE);
      default:
        return refusal(400, 'unsupported_grant_type', UNSUPPORTED_GRANT_TYPE);
    }
  }

  /** What is to be thought of an Authorization header. */
  judge(authorization: string | undefined): 'valid' | 'expired' | 'invalid' {
    const token = /^bearer (.+)$/i.exec(authorization ?? '')?.[1];
    const expiresMs = token === undefined ? undefined : this.#accessExpiry.get(token);
    if (expiresMs === undefined) return 'invalid';
    return expiresMs > this.#options.now() ? 'valid' : 'expired';
  }

  #refresh(refreshToken: string | null): TokenAnswer {
    const { credentials, now, behaviour } = this.#options;
    const { refreshTokenTtlSeconds } = behaviour();
    const ageMs = now() - this.#consentMs;
    const expired = refreshTokenTtlSeconds !== null && ageMs >= refreshTokenTtlSeconds * 1000;
    if (refreshToken === credentials.refreshToken && !expired) return this.#grant();
    return refusal(400, 'invalid_grant', INVALID_REFRESH_TOKEN);
  }

  #exchange(code: string, redirectUri: string | null): TokenAnswer {
    const { now } = this.#options;
    const given = this.#codes.get(code);
    if (given === undefined || given.expiresMs <= now()) {
      return refusal(400, 'invalid_grant', 'The request has an invalid parameter : code');
    }
    if (given.redirectUri !== redirectUri) {
      return refusal(400, 'invalid_grant', 'The request has an invalid parameter : redirect_uri');
    }
    this.#codes.delete(code);
    this.#consentMs = now();
    return this.#grant();
  }

  /** The refresh token comes back as it was: Login with Amazon does not change it. */
  #grant(): TokenAnswer {
    const { credentials, now, behaviour } = this.#options;
    const { tokenTtlSeconds } = behaviour();
    const accessToken = `Atza|${randomBytes(24).toString('base64url')}`;
    this.#accessExpiry.set(accessToken, now() + tokenTtlSeconds * 1000);
    const body = { access_token: accessToken, token_type: 'bearer', expires_in: tokenTtlSeconds };
    return { status: 200, body: { ...body, refresh_token: credentials.refreshToken } };
  }
}

const MISSING_GRANT_TYPE = 'The request is missing a required parameter : grant_type';
const UNSUPPORTED_GRANT_TYPE =
  'The authorization grant type is not supported by the authorization server';
const INVALID_REFRESH_TOKEN =
  "The request has an invalid grant parameter : refresh_token. User may have revoked or didn't grant the permission.";

function refusal(status: number, error: string, description: string): TokenAnswer {
  return { status, body: { error, error_description: description, request_id: requestId() } };
}

export function requestId(): string {
  return randomBytes(16).toString('hex');
}
