import { marketplaces } from '@traffic-events/client';
import type { MarketplaceCode } from '@traffic-events/client';
import { z } from 'zod';
import { faultSettingsSchema } from '../faults/fault.ts';
import { behaviourOverridesSchema } from './behaviour.ts';

const marketplaceCode = z.enum(
  Object.keys(marketplaces) as [MarketplaceCode, ...MarketplaceCode[]],
);
const eventDate = z.iso.date();

const accountBase = {
  marketplace: marketplaceCode,
  /** Zone of the event columns without `_utc`; IANA name. */
  timeZone: z.string().default('UTC'),
  ...behaviourOverridesSchema.shape,
};

const dspAccountSchema = z.strictObject({
  kind: z.literal('dsp'),
  advertiserId: z.string().min(1),
  ...accountBase,
});

const sponsoredAdsAccountSchema = z.strictObject({
  kind: z.literal('sponsored_ads'),
  entityId: z.string().min(1),
  ...accountBase,
});

export const accountSettingsSchema = z.discriminatedUnion('kind', [
  dspAccountSchema,
  sponsoredAdsAccountSchema,
]);

const generatedEventsSchema = z.strictObject({
  kind: z.literal('generated'),
  /** The same seed gives the same events. */
  seed: z.union([z.number(), z.string()]).default(1),
  /** First event date, UTC. Default: `days` before the clock's date. */
  fromDate: eventDate.optional(),
  days: z.number().int().positive().default(45),
  /** Impressions of an account and day, on average. */
  eventsPerDay: z.number().int().nonnegative().default(4000),
});

const fileEventsSchema = z.strictObject({
  kind: z.literal('file'),
  /** CSV, or CSV compressed with gzip: timestamp, policy, campaign, item_id, position, click, user. */
  path: z.string().min(1),
  /** Event date of the file's last day, UTC. Default: the day before the clock's date. */
  lastEventDate: eventDate.optional(),
  /** Account of the first policy's events, by key (`DE:dsp:1234`). Default: the first DSP account. */
  dsp: z.string().optional(),
  /** Account of the other events, by key. Default: the first sponsored ads account. */
  sponsoredAds: z.string().optional(),
});

/** Everything that the simulator can be told, as plain JSON; unknown keys are refused. */
export const simulatorSettingsSchema = z.strictObject({
  port: z.number().int().min(0).max(65_535).default(0),
  host: z.string().default('127.0.0.1'),
  accounts: z.array(accountSettingsSchema).min(1),
  events: z.discriminatedUnion('kind', [generatedEventsSchema, fileEventsSchema]).prefault({
    kind: 'generated',
  }),
  credentials: z
    .strictObject({
      clientId: z.string().min(1).default('amzn1.application-oa2-client.simulator'),
      clientSecret: z.string().min(1).default('simulator-secret'),
      refreshToken: z.string().min(1).default('Atzr|simulator-refresh-token'),
    })
    .prefault({}),
  /** Folder of captured pairs to answer from, instead of events. */
  replay: z.strictObject({ directory: z.string().min(1) }).optional(),
  /** What goes wrong: a plan in full, or the seed of one. */
  faults: faultSettingsSchema.prefault({ rules: [] }),
  ...behaviourOverridesSchema.shape,
});

export type SimulatorSettings = z.output<typeof simulatorSettingsSchema>;
export type SimulatorSettingsInput = z.input<typeof simulatorSettingsSchema>;
export type AccountSettings = z.output<typeof accountSettingsSchema>;
export type Credentials = SimulatorSettings['credentials'];
