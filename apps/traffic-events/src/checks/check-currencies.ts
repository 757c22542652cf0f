import { accountKey } from '@traffic-events/client';
import type { Config } from '../config.ts';
import type { Finding } from './check-result.ts';

/** The views show costs in currency for those accounts alone that have one. */
export function currenciesCheck({ accounts }: Config): Finding {
  const without = accounts.filter(({ currency }) => currency === undefined);
  if (without.length === 0) return { detail: 'every account has one' };
  const keys = without.map(({ account }) => accountKey(account)).join(', ');
  return {
    outcome: 'warning',
    detail: `none is set for ${keys}: the views show no costs in currency for them`,
    next: 'set currency under accounts, such as EUR, then traffic-events views',
  };
}
