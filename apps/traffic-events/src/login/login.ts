import { randomUUID } from 'node:crypto';
import { consentEndMs, consentUrl, exchangeCode } from '@traffic-events/client';
import type { Clock, Region } from '@traffic-events/client';
import { ConfigError } from '@traffic-events/program';
import { eventDateAt } from '@traffic-events/slice';
import type { Prompts } from '../prompts.ts';
import type { LoginSettings } from './login-settings.ts';
import { consentCode } from './consent-code.ts';
import { receiveCode } from './receive-code.ts';
import type { GivenConsent } from './store-consent.ts';

/** Whom a consent is asked for, and where. */
export interface LoginOptions {
  readonly settings: LoginSettings;
  readonly region: Region | undefined;
  readonly clientId: string | undefined;
  readonly redirectUrl: string;
  /** The code, where it has come already. */
  readonly code: string | undefined;
  readonly waitMs: number;
  readonly prompts: Prompts | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Says something to whoever is to give the consent. */
  readonly say: (text: string) => void;
}

/** Asks for a consent, and turns its code into a refresh token. ConsentMissingError where none comes. */
export async function login(options: LoginOptions): Promise<GivenConsent> {
  const { settings, redirectUrl, prompts, clock, signal } = options;
  const region = options.region ?? settings.region ?? (await askRegion(prompts));
  const clientId =
    options.clientId ?? settings.clientId ?? (await askFor('client id', '--client-id', prompts));
  const clientSecret = settings.clientSecret ?? (await askSecret(prompts));
  const state = randomUUID();
  const url = consentUrl({
    region,
    clientId,
    redirectUri: redirectUrl,
    state,
    consentPage: settings.consentPage,
  });
  const code =
    options.code === undefined
      ? await receiveCode({ ...options, state, input: process.stdin }, () =>
          options.say(invitation(url, redirectUrl)),
        )
      : consentCode(options.code, stateOf(options.code));
  const givenMs = clock.now();
  const { refreshToken } = await exchangeCode({
    region,
    clientId,
    clientSecret,
    code,
    redirectUri: redirectUrl,
    tokenUrl: settings.tokenUrl,
    proxyUrl: settings.proxyUrl,
    noProxy: settings.noProxy,
    signal,
  });
  const endMs = consentEndMs(givenMs);
  return { refreshToken, ends: endMs === null ? undefined : eventDateAt(endMs, 'UTC') };
}

function invitation(url: string, redirectUrl: string): string {
  return `A user with access to the accounts opens this address and gives consent:

  ${url}

The browser then comes back to ${redirectUrl}, with a code that is good for five minutes.
`;
}

/** Another call has printed the address: whoever hands its answer over by --code vouches for it. */
function stateOf(pasted: string): string {
  return URL.parse(pasted.trim())?.searchParams.get('state') ?? '';
}

async function askRegion(prompts: Prompts | undefined): Promise<Region> {
  if (prompts === undefined) {
    throw new ConfigError('login: expected the region of the consent by --region: NA, EU or FE.');
  }
  return prompts.one<Region>('Where do the accounts advertise?', [
    { value: 'EU', name: 'Europe, Middle East, India' },
    { value: 'NA', name: 'North America, Brazil' },
    { value: 'FE', name: 'Japan, Australia, Singapore' },
  ]);
}

async function askFor(what: string, option: string, prompts: Prompts | undefined): Promise<string> {
  if (prompts !== undefined) return prompts.text({ message: `Login with Amazon, ${what}:` });
  throw new ConfigError(
    `login: expected the ${what} by ${option}, in AMAZON_ADS_CLIENT_ID or in the configuration.`,
  );
}

/** Never an option: the command line of a process is for everybody to read. */
async function askSecret(prompts: Prompts | undefined): Promise<string> {
  if (prompts !== undefined) return prompts.secret('Login with Amazon, client secret:');
  throw new ConfigError(
    'login: expected the client secret in AMAZON_ADS_CLIENT_SECRET or in the configuration.',
  );
}
