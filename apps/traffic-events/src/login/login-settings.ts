import { existsSync, readFileSync } from 'node:fs';
import { isMarketplaceCode, marketplace } from '@traffic-events/client';
import type { Region } from '@traffic-events/client';
import { ConfigError } from '@traffic-events/program';
import { parseYaml } from '@traffic-events/program/extraction';
import { referredName, withEnvironment } from '../environment-references.ts';

/** What a configuration says of a consent; it may be there or not, and need not be whole yet. */
export interface LoginSettings {
  readonly region: Region | undefined;
  readonly clientId: string | undefined;
  readonly clientSecret: string | undefined;
  readonly consentPage: string | undefined;
  readonly tokenUrl: string | undefined;
  readonly proxyUrl: string | undefined;
  readonly noProxy: string | undefined;
  /** The variable that the refresh token is read from. */
  readonly tokenVariable: string;
  /** The variable that the day on which the consent ends is read from; undefined where none is. */
  readonly endVariable: string | undefined;
}

const VARIABLES = {
  client_id: 'AMAZON_ADS_CLIENT_ID',
  client_secret: 'AMAZON_ADS_CLIENT_SECRET',
  refresh_token: 'AMAZON_ADS_REFRESH_TOKEN',
  consent_ends: 'AMAZON_ADS_CONSENT_ENDS',
} as const;

const WITHOUT_FILE = {
  credentials: Object.fromEntries(
    Object.entries(VARIABLES).map(([key, name]) => [key, `\${${name}:-}`]),
  ),
};

export function readLoginSettings(path: string, environment: NodeJS.ProcessEnv): LoginSettings {
  const isThere = existsSync(path);
  const value = isThere ? parseYaml(readFileSync(path, 'utf8'), path) : WITHOUT_FILE;
  const file = objectOf(value);
  const credentials = objectOf(file['credentials']);
  const text = (key: string, given: unknown) => {
    if (typeof given !== 'string') return undefined;
    try {
      return String(withEnvironment(given, `${path}: ${key}`, environment)) || undefined;
    } catch (error) {
      // What is not set yet is asked for.
      if (error instanceof ConfigError) return undefined;
      throw error;
    }
  };
  return {
    region: regionOf(file['accounts']),
    clientId: text('credentials.client_id', credentials['client_id']),
    clientSecret: text('credentials.client_secret', credentials['client_secret']),
    consentPage: text('consent_url', file['consent_url']),
    tokenUrl: text('token_url', file['token_url']),
    proxyUrl: text('proxy', file['proxy']),
    noProxy: text('no_proxy', file['no_proxy']),
    tokenVariable: referredName(credentials['refresh_token']) ?? VARIABLES.refresh_token,
    endVariable: referredName(credentials['consent_ends']),
  };
}

/** Tokens are good in every region: that of the first account decides about the page. */
function regionOf(accounts: unknown): Region | undefined {
  const [first] = Array.isArray(accounts) ? accounts.map(objectOf) : [];
  const code = first?.['marketplace'];
  return typeof code === 'string' && isMarketplaceCode(code) ? marketplace(code).region : undefined;
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Readonly<Record<string, unknown>>) : {};
}
