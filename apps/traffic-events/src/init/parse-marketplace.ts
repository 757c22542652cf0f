import { ConfigurationError, marketplace } from '@traffic-events/client';
import type { MarketplaceCode } from '@traffic-events/client';
import { InvalidArgumentError } from 'commander';

/** The code of a marketplace, for options; says which one is meant by `de` or `GB`. */
export function parseMarketplace(text: string): MarketplaceCode {
  try {
    marketplace(text);
    return text as MarketplaceCode;
  } catch (error) {
    if (error instanceof ConfigurationError) throw new InvalidArgumentError(`${error.message}.`);
    throw error;
  }
}
