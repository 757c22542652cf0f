import { accountKey } from '@traffic-events/client';
import type { Account } from '@traffic-events/client';
import { asHeld } from '@traffic-events/source';
import { ConfigError } from './config-error.ts';
import type { Config } from './config.ts';

/** The accounts of a configuration; one that is listed twice would be written by two at once. */
export function accountsOf(config: Config): Account[] {
  const accounts = config.accounts.map(accountOf);
  const keys = accounts.map(accountKey);
  const repeated = keys.find((key, index) => keys.indexOf(key) !== index);
  if (repeated === undefined) return accounts;
  throw new ConfigError(`accounts: ${repeated} is listed more than once. Keep one of them.`);
}

/** The account that `key` names, `DE:dsp:1234`; the only one where no key is given. */
export function accountNamed(config: Config, key: string | undefined): Account {
  const accounts = accountsOf(config);
  const found = key === undefined ? accounts : accounts.filter((each) => accountKey(each) === key);
  if (found.length === 1 && found[0] !== undefined) return found[0];
  const known = accounts.map(accountKey).join(', ');
  throw new ConfigError(`--account: expected one of ${known}, got ${key ?? 'none'}`);
}

/**
 * ISO 4217 code by account id, of those accounts that have one. `held` are the ids that the warehouse
 * knows: an account has the one that it is held under.
 */
export function currenciesOf(config: Config, held: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    config.accounts.flatMap((entry) =>
      entry.currency === undefined
        ? []
        : [[accountKey(asHeld(accountOf(entry), held)), entry.currency]],
    ),
  );
}

function accountOf(entry: Config['accounts'][number]): Account {
  const { marketplace, advertiser_id: advertiserId, entity_id: entityId } = entry;
  const zone = entry.time_zone === undefined ? {} : { timeZone: entry.time_zone };
  return advertiserId === undefined
    ? { kind: 'sponsored_ads', marketplace, entityId: entityId ?? '', ...zone }
    : { kind: 'dsp', marketplace, advertiserId, ...zone };
}
