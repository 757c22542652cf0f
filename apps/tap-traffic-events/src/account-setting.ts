import { accountKey, isMarketplaceCode, marketplaces } from '@traffic-events/client';
import type { Account, MarketplaceCode } from '@traffic-events/client';
import { isExactNumber } from '@traffic-events/singer';
import { currentTimeZone, isTimeZone } from '@traffic-events/slice';

const KEYS = ['marketplace', 'advertiser_id', 'entity_id', 'time_zone'];

/** Reads the accounts of a configuration; what is wrong is added to `problems`. */
export function readAccounts(entries: readonly unknown[], problems: string[]): Account[] {
  if (entries.length === 0) problems.push('accounts: expected at least one account, got [].');
  const accounts = entries
    .map((entry, index) => readAccount(entry, `accounts.${index}`, problems))
    .filter((account) => account !== undefined);
  problems.push(...duplicates(accounts));
  return accounts;
}

function readAccount(value: unknown, at: string, problems: string[]): Account | undefined {
  const before = problems.length;
  if (typeof value !== 'object' || value === null) {
    problems.push(`${at}: expected {marketplace, advertiser_id} or {marketplace, entity_id}.`);
    return undefined;
  }
  const entry = value as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(entry)) {
    if (KEYS.includes(key)) continue;
    problems.push(`${at}.${key}: not a key of an account. Known: ${KEYS.join(', ')}.`);
  }
  const marketplace = readMarketplace(entry['marketplace'], at, problems);
  const timeZone = readTimeZone(entry['time_zone'], at, problems);
  const advertiserId = idText(entry['advertiser_id']);
  const entityId = idText(entry['entity_id']);
  if ((advertiserId === undefined) === (entityId === undefined)) {
    const got = advertiserId === undefined ? 'neither' : 'both';
    problems.push(`${at}: expected one of advertiser_id and entity_id, got ${got}.`);
  }
  if (problems.length > before || marketplace === undefined) return undefined;
  const common = { marketplace, ...(timeZone === undefined ? {} : { timeZone }) };
  return advertiserId === undefined
    ? { kind: 'sponsored_ads', ...common, entityId: entityId ?? '' }
    : { kind: 'dsp', ...common, advertiserId };
}

function readMarketplace(
  code: unknown,
  at: string,
  problems: string[],
): MarketplaceCode | undefined {
  if (typeof code === 'string' && isMarketplaceCode(code)) return code;
  const known = Object.keys(marketplaces).join(', ');
  problems.push(`${at}.marketplace: expected one of ${known}, got ${JSON.stringify(code)}.`);
  return undefined;
}

function readTimeZone(zone: unknown, at: string, problems: string[]): string | undefined {
  if (zone === undefined || zone === null) return undefined;
  if (typeof zone === 'string' && isTimeZone(zone)) return currentTimeZone(zone);
  problems.push(
    `${at}.time_zone: expected an IANA name such as Europe/Berlin, got ${JSON.stringify(zone)}.`,
  );
  return undefined;
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
