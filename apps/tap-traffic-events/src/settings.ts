import type { Account } from '@traffic-events/client';
import { configSource } from '@traffic-events/program';
import {
  accountsOf,
  credentialSettings,
  exactValues,
  extractionSettings,
  listedStreams,
  namedStreams,
  problemsOf,
  settingDefinitionsOf,
} from '@traffic-events/program/extraction';
import { readSettings, SettingsError } from '@traffic-events/singer';
import type { StreamDefinition } from '@traffic-events/source';
import { z } from 'zod';

import { batchConfigSchema } from './batch-config.ts';

export const PROGRAM = 'tap-traffic-events';

/** A tap that a runner starts is told on no command line what it may do. */
const acceptance = {
  accept_definition: z
    .array(z.string().min(1))
    .optional()
    .meta({ examples: [['dsp_clicks']] })
    .describe(
      'Streams whose changed definition (query or zone) is accepted, from the next event date on. Take it out again once it has been: a later change would be accepted unasked.',
    ),
  reextract: z
    .boolean()
    .default(false)
    .describe('Of what is accepted, extract again what the API still has.'),
};

const shape = {
  ...credentialSettings,
  ...extractionSettings,
  ...acceptance,
  batch_config: batchConfigSchema
    .optional()
    .meta({ examples: [{ storage: { root: 'file:///tmp/batches' } }] })
    .describe(
      'Emits BATCH messages instead of records: {"encoding": {"format": "jsonl", "compression": "gzip"}, "storage": {"root": "file:///path"}}.',
    ),
};

export const settingsSchema = z.strictObject(shape);

/** What the tap can be told, as `--about` lists it. */
export const settingDefinitions = settingDefinitionsOf(shape);

type Values = z.output<typeof settingsSchema>;

export interface TapSettings extends Omit<Values, 'accounts' | 'streams'> {
  readonly accounts: readonly Account[];
  /** Every stream that can be selected; `isDefault` is true of those that are selected unasked. */
  readonly streams: readonly StreamDefinition[];
  /** Those that the settings name one by one. */
  readonly named: readonly string[];
}

/** Settings from the merged configs and the environment; one SettingsError names all problems. */
export function readTapSettings(
  config: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
  source: string = configSource([]),
): TapSettings {
  const values = readSettings(settingDefinitions, {
    program: PROGRAM,
    config,
    source,
    env,
  });
  const parsed = settingsSchema.safeParse(exactValues(values), { reportInput: true });
  if (!parsed.success) {
    throw new SettingsError(
      problemsOf(parsed.error, { secrets: [...Object.keys(credentialSettings), 'proxy'] }),
    );
  }
  const settings = parsed.data;
  return {
    ...settings,
    accounts: accountsOf(settings),
    streams: listedStreams(settings),
    named: namedStreams(settings),
  };
}

/** The streams that can be selected by a config that may lack anything else. */
export function readStreams(
  config: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): readonly StreamDefinition[] {
  const required = { client_id: '-', client_secret: '-', refresh_token: '-' };
  const accounts = [{ marketplace: 'DE', advertiser_id: '1' }];
  const defaults = { ...required, start_date: '2026-01-01', accounts };
  const given = Object.entries(config).filter(([, value]) => value !== null && value !== '');
  return readTapSettings({ ...defaults, ...Object.fromEntries(given) }, env).streams;
}
