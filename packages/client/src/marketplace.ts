import { ConfigurationError } from './errors/configuration-error.ts';

export type Region = 'NA' | 'EU' | 'FE';

/** Hosts of a region. Access tokens are valid in every region, whichever host issued them. */
export interface RegionHosts {
  readonly apiUrl: string;
  readonly tokenUrl: string;
  /** Where a user consents. */
  readonly consentUrl: string;
}

export const regions: Readonly<Record<Region, RegionHosts>> = Object.freeze({
  NA: Object.freeze({
    apiUrl: 'https://advertising-api.amazon.com',
    tokenUrl: 'https://api.amazon.com/auth/o2/token',
    consentUrl: 'https://www.amazon.com/ap/oa',
  }),
  EU: Object.freeze({
    apiUrl: 'https://advertising-api-eu.amazon.com',
    tokenUrl: 'https://api.amazon.co.uk/auth/o2/token',
    consentUrl: 'https://eu.account.amazon.com/ap/oa',
  }),
  FE: Object.freeze({
    apiUrl: 'https://advertising-api-fe.amazon.com',
    tokenUrl: 'https://api.amazon.co.jp/auth/o2/token',
    consentUrl: 'https://apac.account.amazon.com/ap/oa',
  }),
});

/** A country's marketplace. */
export interface Marketplace {
  /** Value of the MarketplaceId header. */
  readonly id: string;
  readonly region: Region;
}

/** The marketplaces whose ids are public. India is on the EU host. */
export const marketplaces = {
  AE: { id: 'A2VIGQ35RCS4UG', region: 'EU' },
  AU: { id: 'A39IBJ37TRP1C6', region: 'FE' },
  BE: { id: 'AMEN7PMS3EDWL', region: 'EU' },
  BR: { id: 'A2Q3Y263D00KWC', region: 'NA' },
  CA: { id: 'A2EUQ1WTGCTBG2', region: 'NA' },
  DE: { id: 'A1PA6795UKMFR9', region: 'EU' },
  EG: { id: 'ARBP9OOSHTCHU', region: 'EU' },
  ES: { id: 'A1RKKUPIHCS9HS', region: 'EU' },
  FR: { id: 'A13V1IB3VIYZZH', region: 'EU' },
  IE: { id: 'A28R8C7NBKEWEA', region: 'EU' },
  IN: { id: 'A21TJRUUN4KGV', region: 'EU' },
  IT: { id: 'APJ6JRA9NG5V4', region: 'EU' },
  JP: { id: 'A1VC38T7YXB528', region: 'FE' },
  MX: { id: 'A1AM78C64UM0Y8', region: 'NA' },
  NL: { id: 'A1805IZSGTT6HS', region: 'EU' },
  PL: { id: 'A1C3SOZRARQ6R3', region: 'EU' },
  SA: { id: 'A17E79C6D8DWNP', region: 'EU' },
  SE: { id: 'A2NODRKZP88ZB9', region: 'EU' },
  SG: { id: 'A19VAU5U5O7RUS', region: 'FE' },
  TR: { id: 'A33AVAJ2PDY3EV', region: 'EU' },
  UK: { id: 'A1F83G8C2ARO7P', region: 'EU' },
  US: { id: 'ATVPDKIKX0DER', region: 'NA' },
  ZA: { id: 'AE08WJ6YKNBMC', region: 'EU' },
} as const satisfies Record<string, Marketplace>;

export type MarketplaceCode = keyof typeof marketplaces;

export function isMarketplaceCode(text: string): text is MarketplaceCode {
  return Object.hasOwn(marketplaces, text);
}

/** Codes of ISO 3166 and everyday names, where Amazon has others. */
const OTHER_NAMES: Readonly<Record<string, MarketplaceCode>> = { GB: 'UK', USA: 'US', UAE: 'AE' };

function meantBy(code: unknown): string | undefined {
  const text = typeof code === 'string' ? code.trim() : '';
  const capitals = text.toUpperCase();
  const meant = Object.hasOwn(OTHER_NAMES, capitals) ? OTHER_NAMES[capitals] : capitals;
  if (meant !== undefined && isMarketplaceCode(meant)) return `write ${meant}`;
  const byId = Object.entries(marketplaces).find(([, { id }]) => id === capitals);
  return byId && `that is the id of ${byId[0]}: write ${byId[0]}`;
}

/** The marketplace of that code (`DE`, `UK`); ConfigurationError when it is unknown. */
export function marketplace(code: string): Marketplace {
  if (isMarketplaceCode(code)) return marketplaces[code];
  const meant = meantBy(code);
  throw new ConfigurationError(
    `There is no marketplace ${JSON.stringify(code)}; ${meant ?? `use one of ${Object.keys(marketplaces).join(', ')}`}`,
  );
}
