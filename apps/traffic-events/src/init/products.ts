import type { Account, MarketplaceCode } from '@traffic-events/client';
import { listedStreams, notCollected } from '@traffic-events/program/extraction';

/** Amazon's products whose events this API has, as they are asked about. */
export const PRODUCTS = {
  dsp: 'Amazon DSP',
  sponsored_ads: 'sponsored ads (products, brands, display, TV)',
  ad_server: 'Amazon Ad Server',
} as const;

export type Product = keyof typeof PRODUCTS;

/** What is used unless it is said otherwise: what the default streams are about. */
export const DEFAULT_PRODUCTS: readonly Product[] = ['dsp', 'sponsored_ads'];

const AD_SERVER = ['adserver_traffic', 'invalid_adserver_traffic'];
const SPONSORED_ADS = ['sponsored_ads_traffic', 'sponsored_ads_invalid_traffic'];

/** What `streams` lists for the products. */
export function streamsFor(products: ReadonlySet<Product>): string[] {
  const adServer = products.has('ad_server') ? AD_SERVER : [];
  if (products.has('dsp') || adServer.length === 0) return ['defaults', ...adServer];
  return products.has('sponsored_ads') ? [...SPONSORED_ADS, ...adServer] : adServer;
}

/** Accounts to be filled in: the ad server's tables are asked for with an advertiser's id, too. */
export function accountsFor(products: ReadonlySet<Product>, home: MarketplaceCode): Account[] {
  const advertiser = {
    kind: 'dsp',
    marketplace: home,
    advertiserId: '1234567890',
  } as const;
  const entity = {
    kind: 'sponsored_ads',
    marketplace: home,
    entityId: 'ENTITY1A2B3C4D5E',
  } as const;
  return [
    ...(products.has('dsp') || products.has('ad_server') ? [advertiser] : []),
    ...(products.has('sponsored_ads') ? [entity] : []),
  ];
}

/** Tables and reports that the accounts have and the streams leave out, each with its stream's words. */
export function leftOut(
  accounts: readonly Account[],
  streams: readonly string[],
): { readonly name: string; readonly description: string }[] {
  const all = listedStreams({ streams: [...streams], grains: 'fine', refresh: 'daily' });
  const chosen = all.filter(({ isDefault }) => isDefault);
  const names = new Set(notCollected(accounts, chosen).flatMap((each) => each.data_sources));
  return all.filter(({ name }) => names.has(name));
}
