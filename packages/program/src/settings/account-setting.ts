import {
  checkAccount,
  ConfigurationError,
  marketplace,
  marketplaces,
} from '@traffic-events/client';
import type { Account, MarketplaceCode } from '@traffic-events/client';
import { currentTimeZone, isTimeZone } from '@traffic-events/slice';
import { strictSettings } from '@traffic-events/source';
import { z } from 'zod';

/** Ids have 18 digits and more; a number arrives here only if a double holds it. */
const id = (example: string) =>
  z
    .union([z.string().min(1), z.int().nonnegative()], {
      error: 'expected an id, digit by digit or as text',
    })
    .meta({ examples: [example] })
    .transform(String);

const marketplaceCode = z
  .string({ error: 'expected a marketplace code such as DE' })
  .superRefine((code, context) => {
    const problem = problemOf(() => marketplace(code));
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem, input: code });
  })
  .meta({ enum: Object.keys(marketplaces) });

const timeZone = z
  .string()
  .refine(isTimeZone, { error: 'expected an IANA time zone, such as Europe/Berlin' })
  .meta({ examples: ['Europe/Berlin', 'Asia/Kolkata', 'UTC'] })
  .transform(currentTimeZone);

export const currencySetting = z
  .string()
  .regex(/^[A-Z]{3}$/, 'expected an ISO 4217 code, such as EUR')
  .meta({ examples: ['EUR'] });

/** How an account stands in a configuration, YAML and JSON alike. */
const entrySchema = strictSettings({
  marketplace: marketplaceCode.describe('Marketplace code, such as DE or UK.'),
  advertiser_id: id('1234567890').optional().describe('DSP advertiser id.'),
  entity_id: id('ENTITY1A2B3C4D5E')
    .optional()
    .describe('Sponsored ads entity id, such as ENTITY1.'),
  time_zone: timeZone
    .optional()
    .describe('Zone whose days are the event dates. UTC unless set. Chosen for good.'),
  currency: currencySetting
    .optional()
    .describe('Currency of its costs, for the views; they show none where it is not set.'),
});

/** An account of the configuration, and what else is said of it there. */
export interface AccountSetting {
  readonly account: Account;
  /** ISO 4217 code. */
  readonly currency: string | undefined;
}

export const accountSetting = entrySchema.transform((entry, context): AccountSetting => {
  const account = accountOf(entry);
  const problem = problemOf(() => checkAccount(account));
  if (problem !== undefined) {
    context.addIssue({ code: 'custom', message: problem, input: undefined });
    return z.NEVER;
  }
  return { account, currency: entry.currency };
});

/** With both ids or none it is not an account yet: the client says so. */
function accountOf(entry: z.output<typeof entrySchema>): Account {
  const { advertiser_id: advertiserId, entity_id: entityId, time_zone: zone } = entry;
  return {
    marketplace: entry.marketplace as MarketplaceCode,
    kind: advertiserId === undefined ? 'sponsored_ads' : 'dsp',
    ...(advertiserId === undefined ? {} : { advertiserId }),
    ...(entityId === undefined ? {} : { entityId }),
    ...(zone === undefined ? {} : { timeZone: zone }),
  } as Account;
}

function problemOf(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof ConfigurationError) return withKeys(error.message);
    throw error;
  }
}

/** The client speaks of the fields of its own accounts. */
function withKeys(message: string): string {
  return message.replaceAll('advertiserId', 'advertiser_id').replaceAll('entityId', 'entity_id');
}
