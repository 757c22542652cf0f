import { isMarketplaceCode, marketplaces } from '@traffic-events/client';
import type { Account } from '@traffic-events/client';
import { ConfigError } from './config-error.ts';
import type { Config } from './config.ts';

/** The accounts of a configuration; one that is listed twice would be written by two at once. */
export function accountsOf(config: Config, path: string): Account[] {
  return config.accounts.map((entry, index) => {
    const { marketplace, advertiser_id: advertiserId, entity_id: entityId } = entry;
    if (!isMarketplaceCode(marketplace)) {
      const known = Object.keys(marketplaces).join(', ');
      throw new ConfigError(
        `${path}: accounts[${index}].marketplace: expected one of ${known}, got ${JSON.stringify(marketplace)}`,
      );
    }
    if (advertiserId !== undefined) return { kind: 'dsp', marketplace, advertiserId };
    return { kind: 'sponsored_ads', marketplace, entityId: entityId ?? '' };
  });
}
