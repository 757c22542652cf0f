import type { Account } from '../account.ts';
import { marketplace } from '../marketplace.ts';

/** Both spellings of the sponsored ads header appear in the documentation; the hyphen matters. */
export type EntityHeader = 'Amazon-Advertising-API-EntityId' | 'Amazon-Advertising-API-Entity-Id';

/** Headers that say whose events are asked for: the advertiser's or the entity's, never both. */
export function accountHeaders(
  account: Account,
  clientId: string,
  entityHeader: EntityHeader,
): Record<string, string> {
  return {
    'Amazon-Advertising-API-ClientId': clientId,
    'Amazon-Advertising-API-MarketplaceId': marketplace(account.marketplace).id,
    ...(account.kind === 'dsp'
      ? { 'Amazon-Advertising-Advertiser-Id': account.advertiserId }
      : { [entityHeader]: account.entityId }),
  };
}
