import { checkAdvertiserId, checkEntityId } from './account-id.ts';
import { ConfigurationError } from './errors/configuration-error.ts';
import { marketplace } from './marketplace.ts';
import type { MarketplaceCode } from './marketplace.ts';

interface AccountBase {
  readonly marketplace: MarketplaceCode;
  /** IANA name of the zone that dates the account's events; UTC unless set. */
  readonly timeZone?: string;
}

/** A DSP advertiser in one marketplace. */
export interface DspAccount extends AccountBase {
  readonly kind: 'dsp';
  readonly advertiserId: string;
}

/** A sponsored ads entity in one marketplace; the id begins with `ENTITY`. */
export interface SponsoredAdsAccount extends AccountBase {
  readonly kind: 'sponsored_ads';
  readonly entityId: string;
}

/** Whose events are queried. The same id in two marketplaces is two accounts. */
export type Account = DspAccount | SponsoredAdsAccount;

/** Stable key of an account: `DE:dsp:1234`, `UK:entity:ENTITY1`, `DE:dsp:1234@Europe/Berlin`. */
export function accountKey(account: Account): string {
  const zone = account.timeZone;
  return `${slotKey(account)}${zone === undefined || zone === 'UTC' ? '' : `@${zone}`}`;
}

/** Whose executions count against one limit: the account, whatever its zone. */
export function slotKey(account: Account): string {
  return account.kind === 'dsp'
    ? `${account.marketplace}:dsp:${account.advertiserId}`
    : `${account.marketplace}:entity:${account.entityId}`;
}

/**
 * The account, if it names exactly one of a DSP advertiser and a sponsored ads entity in a known
 * marketplace, by an id of that kind as text; ConfigurationError otherwise. The API refuses requests that name both or none.
 */
export function checkAccount(account: Account): Account {
  const { advertiserId, entityId } = account as { advertiserId?: unknown; entityId?: unknown };
  marketplace(account.marketplace);
  if (Boolean(advertiserId) === Boolean(entityId)) {
    throw new ConfigurationError(
      `The account in ${account.marketplace} has ${advertiserId ? 'both an advertiserId and an entityId' : 'neither an advertiserId nor an entityId'}; set exactly one of them`,
    );
  }
  const expected = advertiserId ? 'dsp' : 'sponsored_ads';
  if (account.kind !== expected) {
    throw new ConfigurationError(
      `The account in ${account.marketplace} has kind ${JSON.stringify(account.kind)}; with ${advertiserId ? 'an advertiserId' : 'an entityId'} it must be "${expected}"`,
    );
  }
  if (advertiserId) checkAdvertiserId(advertiserId);
  else checkEntityId(entityId);
  return account;
}
