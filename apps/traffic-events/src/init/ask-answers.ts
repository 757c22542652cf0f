import { ConfigurationError, marketplaces } from '@traffic-events/client';
import type { MarketplaceCode } from '@traffic-events/client';
import { isEventDate, isTimeZone } from '@traffic-events/slice';
import type { EventDate } from '@traffic-events/slice';
import { isWarehouseUrl, WAREHOUSE_EXPECTED } from '@traffic-events/warehouse';
import type { Choice, Prompts } from '../prompts.ts';
import { USUAL_CURRENCIES } from './answers.ts';
import type { AnsweredAccount, Answers } from './answers.ts';
import { accountOf } from './parse-account.ts';
import { DEFAULT_PRODUCTS, leftOut, PRODUCTS, streamsFor } from './products.ts';
import type { Product } from './products.ts';

/** What is known before anybody is asked. */
export interface Given {
  readonly accounts: readonly AnsweredAccount[] | undefined;
  readonly products: ReadonlySet<Product> | undefined;
  readonly marketplaces: readonly MarketplaceCode[];
  readonly streams: readonly string[] | undefined;
  readonly startDate: EventDate | undefined;
  readonly defaultStartDate: EventDate;
  readonly warehouseUrl: string | undefined;
  readonly clientId: string | undefined;
}

/** Asks for all that is not given. */
export async function askAnswers(prompts: Prompts, given: Given): Promise<Answers> {
  const products = given.products ?? (await askProducts(prompts));
  const accounts = given.accounts ?? (await askAccounts(prompts, products, given.marketplaces));
  const streams = given.streams ?? (await askStreams(prompts, products, accounts));
  const startDate = given.startDate ?? (await askStartDate(prompts, given.defaultStartDate));
  const warehouseUrl = given.warehouseUrl ?? (await askWarehouse(prompts));
  const { clientId } = given;
  return { accounts, areExamples: false, streams, startDate, warehouseUrl, clientId };
}

async function askProducts(prompts: Prompts): Promise<ReadonlySet<Product>> {
  const choices = Object.entries(PRODUCTS).map(([value, name]) => ({
    value: value as Product,
    name,
    checked: DEFAULT_PRODUCTS.includes(value as Product),
  }));
  return new Set(await prompts.some('Which products are used?', choices));
}

async function askAccounts(
  prompts: Prompts,
  products: ReadonlySet<Product>,
  codes: readonly MarketplaceCode[],
): Promise<readonly AnsweredAccount[]> {
  const chosen = codes.length > 0 ? codes : await askMarketplaces(prompts);
  const kinds = [
    ...(products.has('dsp') || products.has('ad_server') ? (['dsp'] as const) : []),
    ...(products.has('sponsored_ads') ? (['entity'] as const) : []),
  ];
  const accounts: AnsweredAccount[] = [];
  for (const code of chosen) {
    for (const kind of kinds) {
      for (const id of await askIds(prompts, code, kind)) {
        accounts.push(await askRest(prompts, { code, kind, id }, accounts.at(-1)));
      }
    }
  }
  if (accounts.length > 0) return accounts;
  await prompts.yes('There is no account without an id. Begin again?');
  return askAccounts(prompts, products, codes);
}

function askMarketplaces(prompts: Prompts): Promise<MarketplaceCode[]> {
  const codes = Object.keys(marketplaces) as MarketplaceCode[];
  return prompts.some(
    'In which marketplaces?',
    codes.map((value) => ({ value, name: value })),
  );
}

const IDS = {
  dsp: 'advertiser ids, of DSP or the ad server',
  entity: 'entity ids of sponsored ads (they begin with ENTITY)',
} as const;

function idsOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((id) => id !== '');
}

async function askIds(
  prompts: Prompts,
  code: MarketplaceCode,
  kind: 'dsp' | 'entity',
): Promise<string[]> {
  const answer = await prompts.text({
    message: `${code}, ${IDS[kind]}; with commas between, or none:`,
    default: '',
    faultOf: (text) => faultOf(() => idsOf(text).forEach((id) => accountOf(code, kind, id))),
  });
  return idsOf(answer);
}

interface Identified {
  readonly code: MarketplaceCode;
  readonly kind: 'dsp' | 'entity';
  readonly id: string;
}

/** Zone and currency; most accounts have those of the one before. */
async function askRest(
  prompts: Prompts,
  { code, kind, id }: Identified,
  before: AnsweredAccount | undefined,
): Promise<AnsweredAccount> {
  const key = `${code}:${kind}:${id}`;
  const zone = await prompts.text({
    message: `${key}: time zone of its event dates; chosen for good, it can never be changed:`,
    default: before?.account.timeZone ?? 'UTC',
    faultOf: (text) =>
      isTimeZone(text) ? undefined : 'Expected an IANA time zone, such as Europe/Berlin or UTC.',
  });
  const currency = await prompts.text({
    message: `${key}: currency of its costs, for the views:`,
    default:
      before?.account.marketplace === code ? (before.currency ?? '') : USUAL_CURRENCIES[code],
    faultOf: (text) =>
      /^(?:[A-Z]{3})?$/.test(text) ? undefined : 'Expected an ISO 4217 code, such as EUR, or none.',
  });
  return {
    account: accountOf(code, kind, id, zone),
    currency: currency === '' ? undefined : currency,
  };
}

async function askStreams(
  prompts: Prompts,
  products: ReadonlySet<Product>,
  accounts: readonly AnsweredAccount[],
): Promise<readonly string[]> {
  const listed = streamsFor(products);
  const others = leftOut(
    accounts.map(({ account }) => account),
    listed,
  );
  if (others.length === 0) return listed;
  const choices: Choice<string>[] = others.map(({ name, description }) => ({
    value: name,
    name: `${name}: ${description}`,
  }));
  const message = `Beside ${listed.join(', ')}, what else is to be kept? The API forgets it after 30 days.`;
  return [...listed, ...(await prompts.some(message, choices, { required: false }))];
}

function askStartDate(prompts: Prompts, suggested: EventDate): Promise<string> {
  return prompts.text({
    message: 'First event date to fetch; the API still has the last 30 days:',
    default: suggested,
    faultOf: (text) => (isEventDate(text) ? undefined : 'Expected a date, such as 2026-01-31.'),
  });
}

async function askWarehouse(prompts: Prompts): Promise<string | undefined> {
  const kind = await prompts.one('Where is the copy to be kept?', [
    { value: 'postgres', name: 'PostgreSQL' },
    { value: 'bigquery', name: 'BigQuery' },
    { value: 'later', name: 'I fill it in later' },
  ]);
  if (kind === 'later') return undefined;
  const url = await prompts.text({
    message: kind === 'postgres' ? 'URL, the password left out:' : 'URL:',
    default:
      kind === 'postgres'
        ? 'postgres://loader@localhost:5432/marketing'
        : 'bigquery://project/dataset',
    faultOf: (text) =>
      isWarehouseUrl(text) ? undefined : `Not a warehouse: ${WAREHOUSE_EXPECTED}.`,
  });
  return kind === 'postgres' ? withPassword(prompts, url) : url;
}

async function withPassword(prompts: Prompts, text: string): Promise<string> {
  const url = URL.parse(text);
  if (url === null || url.username === '' || url.password !== '') return text;
  if (!(await prompts.yes(`Does ${url.username} need a password?`))) return text;
  url.password = encodeURIComponent(await prompts.secret(`Password of ${url.username}:`));
  return url.href;
}

function faultOf(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
}
