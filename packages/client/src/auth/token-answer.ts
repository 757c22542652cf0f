import { z } from 'zod';

import { CredentialsRefusedError } from '../errors/credentials-refused-error.ts';
import { ServiceUnavailableError } from '../errors/service-unavailable-error.ts';
import type { TrafficEventsError } from '../errors/traffic-events-error.ts';
import type { HttpAnswer } from '../http/transport.ts';
import { parseJson } from '../text/json.ts';

const grantSchema = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().nullish(),
  expires_in: z.coerce.number().positive().nullish().catch(null),
});

/** Documented life of an access token, where an answer does not say. */
const DEFAULT_LIFE_SECONDS = 3_600;

export interface Grant {
  readonly accessToken: string;
  readonly refreshToken: string | null;
  readonly expiresInMs: number;
}

/** Reads an answer of Login with Amazon: the grant, or the error that says what to do. */
export function readTokenAnswer(answer: HttpAnswer): Grant | TrafficEventsError {
  const requestId = answer.headers['x-amzn-requestid'] ?? answer.headers['x-amz-rid'];
  const details = { status: answer.status, requestId };
  if (answer.status === 429 || answer.status >= 500) {
    return new ServiceUnavailableError(
      `Login with Amazon answered ${answer.status}. Try again later`,
      { ...details, mayHaveSucceeded: false },
    );
  }
  if (answer.status !== 200) return refusal(answer, details);
  const grant = grantSchema.safeParse(answer.isCut ? undefined : parseJson(answer.body));
  if (!grant.success) {
    return new ServiceUnavailableError(
      'Login with Amazon answered 200 without an access_token. Check tokenUrl',
      { ...details, mayHaveSucceeded: false },
    );
  }
  return {
    accessToken: grant.data.access_token,
    refreshToken: grant.data.refresh_token ?? null,
    expiresInMs: (grant.data.expires_in ?? DEFAULT_LIFE_SECONDS) * 1000,
  };
}

/**
 * Login with Amazon refuses with a fixed word in `error`, which is safe to print; the description is
 * left out. Without that word somebody else has refused: a proxy, or the server of a wrong URL.
 */
function refusal(
  answer: HttpAnswer,
  details: { readonly status: number; readonly requestId: string | undefined },
): TrafficEventsError {
  const { error: word } = (parseJson(answer.body) ?? {}) as { error?: unknown };
  if (typeof word === 'string' && /^\w{1,40}$/.test(word)) {
    const what = `Login with Amazon refused the credentials (${answer.status} ${word})`;
    return new CredentialsRefusedError(`${what}${adviceOn(word)}`, details);
  }
  return new ServiceUnavailableError(
    `Login with Amazon could not be asked: the answer was ${answer.status}, but not in its form. Check tokenUrl, and the proxy if there is one`,
    { ...details, mayHaveSucceeded: false },
  );
}

function adviceOn(word: string): string {
  switch (word) {
    case 'invalid_grant':
      return ': the refresh token, or the code, is wrong, revoked or expired. Consent again; consents given since July 2026 end after 365 days';
    case 'invalid_client':
    case 'unauthorized_client':
      return ': the client id and the client secret do not belong together. Copy both again from the security profile';
    default:
      return '. Check client id, client secret and refresh token';
  }
}
