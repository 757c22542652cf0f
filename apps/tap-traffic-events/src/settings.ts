import { accountKey, isMarketplaceCode, marketplaces } from '@traffic-events/client';
import type { Account } from '@traffic-events/client';
import { isExactNumber, readSettings, SettingsError } from '@traffic-events/singer';
import type { SettingDefinitions, SettingValues } from '@traffic-events/singer';
import { isEventDate } from '@traffic-events/slice';

export const PROGRAM = 'tap-traffic-events';

/** What the tap can be told, as `--about` lists it. */
export const settingDefinitions = {
  client_id: {
    kind: 'string',
    required: true,
    description: 'Client id of the Login with Amazon application.',
  },
  client_secret: {
    kind: 'string',
    required: true,
    secret: true,
    description: 'Client secret of the Login with Amazon application.',
  },
  refresh_token: {
    kind: 'string',
    required: true,
    secret: true,
    description: 'Refresh token of the user whose accounts are queried.',
  },
  start_date: {
    kind: 'date',
    required: true,
    description: 'First event date to extract. What the API no longer has is left out.',
  },
  accounts: {
    kind: 'array',
    required: true,
    description:
      'Accounts to query: {"marketplace": "DE", "advertiser_id": "1234"} for a DSP advertiser, {"marketplace": "UK", "entity_id": "ENTITY1"} for a sponsored ads entity.',
  },
  api_url: {
    kind: 'string',
    description: "Address of the API; by default the one of each account's region.",
  },
  token_url: {
    kind: 'string',
    description: 'Address of the token endpoint; by default the one of the region.',
  },
} as const satisfies SettingDefinitions;

export interface TapSettings extends Omit<
  SettingValues<typeof settingDefinitions>,
  'accounts' | 'start_date'
> {
  readonly accounts: readonly Account[];
  /** `YYYY-MM-DD`. */
  readonly startDate: string;
}

/** Settings from the merged configs and the environment; one SettingsError names all problems. */
export function readTapSettings(
  config: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): TapSettings {
  const { accounts, start_date, ...values } = readSettings(settingDefinitions, {
    program: PROGRAM,
    config,
    source: '--config',
    env,
  });
  const problems: string[] = [];
  const read = accounts.map((entry, index) => readAccount(entry, `accounts.${index}`, problems));
  if (accounts.length === 0) problems.push('accounts: expected at least one account, got [].');
  const known = read.filter((account) => account !== undefined);
  problems.push(...duplicates(known));
  const startDate = start_date.slice(0, 10);
  if (!isEventDate(startDate)) {
    problems.push(`start_date: expected a date such as 2026-01-31, got ${start_date}.`);
  }
  if (problems.length > 0) throw new SettingsError(problems);
  return { ...values, accounts: known, startDate };
}

const ACCOUNT_KEYS = ['marketplace', 'advertiser_id', 'entity_id'];

function readAccount(value: unknown, at: string, problems: string[]): Account | undefined {
  const before = problems.length;
  if (typeof value !== 'object' || value === null) {
    problems.push(`${at}: expected {marketplace, advertiser_id} or {marketplace, entity_id}.`);
    return undefined;
  }
  const entry = value as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(entry)) {
    if (!ACCOUNT_KEYS.includes(key)) {
      problems.push(`${at}.${key}: not a key of an account. Known: ${ACCOUNT_KEYS.join(', ')}.`);
    }
  }
  const code = entry['marketplace'];
  const marketplace = typeof code === 'string' && isMarketplaceCode(code) ? code : undefined;
  if (marketplace === undefined) {
    const known = Object.keys(marketplaces).join(', ');
    problems.push(`${at}.marketplace: expected one of ${known}, got ${JSON.stringify(code)}.`);
  }
  const advertiserId = idText(entry['advertiser_id']);
  const entityId = idText(entry['entity_id']);
  if ((advertiserId === undefined) === (entityId === undefined)) {
    const got = advertiserId === undefined ? 'neither' : 'both';
    problems.push(`${at}: expected one of advertiser_id and entity_id, got ${got}.`);
  }
  if (problems.length > before || marketplace === undefined) return undefined;
  return advertiserId === undefined
    ? { kind: 'sponsored_ads', marketplace, entityId: entityId ?? '' }
    : { kind: 'dsp', marketplace, advertiserId };
}

/** Ids have 18 digits and more: one that stands as a JSON number is taken digit by digit. */
function idText(value: unknown): string | undefined {
  if (isExactNumber(value)) return value.rawJSON;
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function duplicates(accounts: readonly Account[]): string[] {
  const keys = accounts.map(accountKey);
  const repeated = new Set(keys.filter((key, index) => keys.indexOf(key) !== index));
  return [...repeated].map((key) => `accounts: ${key} is listed more than once.`);
}
