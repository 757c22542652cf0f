import { marketplaces } from '@traffic-events/client';
import type { MarketplaceCode } from '@traffic-events/client';
import { ApiError } from '../http/api-error.ts';
import type { Switches } from '../settings/switches.ts';
import type { SimulatedAccount } from './account.ts';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

const ADVERTISER_HEADERS = {
  'Advertiser-Id': 'amazon-advertising-advertiser-id',
  'API-AdvertiserId': 'amazon-advertising-api-advertiserid',
} as const;

const ENTITY_HEADERS = {
  EntityId: 'amazon-advertising-api-entityid',
  'Entity-Id': 'amazon-advertising-api-entity-id',
} as const;

const MARKETPLACE_HEADER = 'amazon-advertising-api-marketplaceid';

/** The accounts of the simulated API, found by the headers of a request. */
export class Accounts {
  readonly all: readonly SimulatedAccount[];
  readonly #switches: Switches;

  constructor(accounts: readonly SimulatedAccount[], switches: Switches) {
    this.all = accounts;
    this.#switches = switches;
  }

  byKey(key: string): SimulatedAccount | undefined {
    return this.all.find((account) => account.key === key);
  }

  /** The account that headers name; undefined where they name none. */
  find(headers: Headers): SimulatedAccount | undefined {
    try {
      return this.fromHeaders(headers);
    } catch {
      return undefined;
    }
  }

  /** Throws ApiError 400 for headers that name no account, 401 or 403 for one without access. */
  fromHeaders(headers: Headers): SimulatedAccount {
    const marketplace = marketplaceOf(headers);
    const advertiser = named(headers, ADVERTISER_HEADERS);
    const entity = named(headers, ENTITY_HEADERS);
    if (advertiser !== undefined && entity !== undefined) {
      throw new ApiError(400, 'Only one of the advertiser and the entity header may be set');
    }
    const wanted = advertiser ?? entity;
    if (wanted === undefined) throw missingAccountHeader();
    const kind = advertiser === undefined ? 'sponsored_ads' : 'dsp';
    const account = this.all.find(
      (each) => each.kind === kind && each.id === wanted.id && each.marketplace === marketplace,
    );
    if (account === undefined) {
      throw new ApiError(
        this.#switches.current.noAccessStatus,
        'User is not authorized for the account',
      );
    }
    account.headerSpellings.add(wanted.spelling);
    checkSpelling(account, wanted.spelling);
    checkRegion(account);
    return account;
  }
}

function marketplaceOf(headers: Headers): MarketplaceCode {
  const id = headers[MARKETPLACE_HEADER];
  if (id === undefined || id === '') {
    throw new ApiError(400, 'Missing required header: Amazon-Advertising-API-MarketplaceId');
  }
  const code = (Object.keys(marketplaces) as MarketplaceCode[]).find(
    (each) => marketplaces[each].id === id,
  );
  if (code !== undefined) return code;
  throw new ApiError(400, `Unknown marketplace '${String(id)}'`);
}

function named<Spelling extends string>(
  headers: Headers,
  names: Readonly<Record<Spelling, string>>,
): { spelling: Spelling; id: string } | undefined {
  for (const spelling of Object.keys(names) as Spelling[]) {
    const id = headers[names[spelling]];
    if (typeof id === 'string' && id !== '') return { spelling, id };
  }
  return undefined;
}

function checkSpelling(account: SimulatedAccount, spelling: string): void {
  const { advertiserHeader, entityHeader } = account.behaviour;
  const known = account.kind === 'dsp' ? advertiserHeader : entityHeader;
  if (known !== 'both' && known !== spelling) throw missingAccountHeader(known);
}

const HEADER_NAMES: Readonly<Record<string, string>> = {
  'Advertiser-Id': 'Amazon-Advertising-Advertiser-Id',
  'API-AdvertiserId': 'Amazon-Advertising-API-AdvertiserId',
  EntityId: 'Amazon-Advertising-API-EntityId',
  'Entity-Id': 'Amazon-Advertising-API-Entity-Id',
};

function missingAccountHeader(spelling?: string): ApiError {
  const name =
    spelling === undefined
      ? `${HEADER_NAMES['Advertiser-Id']} or ${HEADER_NAMES['EntityId']}`
      : HEADER_NAMES[spelling];
  return new ApiError(400, `Missing required header: ${name}`);
}

function checkRegion(account: SimulatedAccount): void {
  const { region } = account.behaviour;
  if (region === null || marketplaces[account.marketplace].region === region) return;
  throw new ApiError(
    account.behaviour.noAccessStatus,
    `Marketplace ${account.marketplace} is not served by the ${region} endpoint`,
  );
}
