import type { Account, MarketplaceCode } from '@traffic-events/client';
import type { EventDate } from '@traffic-events/slice';

/** An account of a configuration that is being written. */
export interface AnsweredAccount {
  readonly account: Account;
  /** ISO 4217 code; absent where nobody has said. */
  readonly currency?: string | undefined;
}

/** All that a configuration is written from. */
export interface Answers {
  readonly accounts: readonly AnsweredAccount[];
  /** The accounts are made up, to be replaced by whoever fills the file in. */
  readonly areExamples: boolean;
  /** What `streams` lists. */
  readonly streams: readonly string[];
  readonly startDate: EventDate;
  /** Absent where it is still to be filled in. */
  readonly warehouseUrl?: string | undefined;
  readonly clientId?: string | undefined;
}

/** What an account's costs are mostly in; a suggestion, for an advertiser may be billed otherwise. */
export const USUAL_CURRENCIES: Readonly<Record<MarketplaceCode, string>> = {
  AE: 'AED',
  AU: 'AUD',
  BE: 'EUR',
  BR: 'BRL',
  CA: 'CAD',
  DE: 'EUR',
  EG: 'EGP',
  ES: 'EUR',
  FR: 'EUR',
  IE: 'EUR',
  IN: 'INR',
  IT: 'EUR',
  JP: 'JPY',
  MX: 'MXN',
  NL: 'EUR',
  PL: 'PLN',
  SA: 'SAR',
  SE: 'SEK',
  SG: 'SGD',
  TR: 'TRY',
  UK: 'GBP',
  US: 'USD',
  ZA: 'ZAR',
};
