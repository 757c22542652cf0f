import { accountKey } from '@traffic-events/client';
import type { Account } from '@traffic-events/client';
import { ConfigError } from '@traffic-events/program';
import { accountsOf } from '@traffic-events/program/extraction';
import { asHeld } from '@traffic-events/source';
import type { Config } from './config.ts';

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
export function currenciesOf(
  { accounts }: Config,
  held: readonly string[],
): Record<string, string> {
  return Object.fromEntries(
    accounts.flatMap(({ account, currency }) =>
      currency === undefined ? [] : [[accountKey(asHeld(account, held)), currency]],
    ),
  );
}
