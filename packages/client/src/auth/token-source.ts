import { Outage } from '../http/outage.ts';
import type { Redactor } from '../http/redaction.ts';
import { requestGrant } from './token-request.ts';
import type { TokenRequestOptions } from './token-request.ts';

export interface TokenSourceOptions extends Omit<TokenRequestOptions, 'outage'> {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
  readonly redactor: Redactor;
}

interface HeldToken {
  readonly token: string;
  readonly issuedMs: number;
  readonly goodUntilMs: number;
}

/** A token this close to its end may be expired by the time that it arrives. */
const SAFETY_MARGIN_MS = 60_000;

/** Keeps one access token, good in every region, and refreshes it once however many ask. */
export class TokenSource {
  readonly #options: TokenSourceOptions;
  readonly #outage: Outage;
  #held: HeldToken | undefined;
  #refresh: Promise<string> | undefined;

  constructor(options: TokenSourceOptions) {
    this.#options = options;
    const { clock, retry } = options;
    this.#outage = new Outage({ clock, maxOutageMs: retry.maxOutageMs });
  }

  /** A token that is good now. An abort ends this wait only, not the refresh that others share. */
  accessToken(tokenUrl: string, signal?: AbortSignal): Promise<string> {
    signal?.throwIfAborted();
    const held = this.#held;
    if (held !== undefined && this.#options.clock.now() < held.goodUntilMs) {
      return Promise.resolve(held.token);
    }
    this.#refresh ??= this.#fetch(tokenUrl).finally(() => {
      this.#refresh = undefined;
    });
    return signal === undefined ? this.#refresh : untilAborted(this.#refresh, signal);
  }

  /** Gives up a token that the API refused, unless it has been replaced already. */
  discard(token: string): void {
    if (this.#held?.token === token) this.#held = undefined;
  }

  /** How old a token is; 0 for one that has been replaced already. */
  ageMs(token: string): number {
    return this.#held?.token === token ? this.#options.clock.now() - this.#held.issuedMs : 0;
  }

  async #fetch(tokenUrl: string): Promise<string> {
    const { clientId, clientSecret, refreshToken, clock, redactor } = this.#options;
    const issuedMs = clock.now();
    const grant = await requestGrant(
      tokenUrl,
      {
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
        client_id: clientId,
        client_secret: clientSecret,
      },
      { ...this.#options, outage: this.#outage },
    );
    redactor.add(grant.accessToken);
    // It comes back as it was, as far as is known.
    if (grant.refreshToken !== null) redactor.add(grant.refreshToken);
    const marginMs = Math.min(SAFETY_MARGIN_MS, grant.expiresInMs / 2);
    const goodUntilMs = issuedMs + grant.expiresInMs - marginMs;
    this.#held = { token: grant.accessToken, issuedMs, goodUntilMs };
    return grant.accessToken;
  }
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
