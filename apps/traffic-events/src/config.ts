import { readFileSync } from 'node:fs';
import { ConfigError } from '@traffic-events/program';
import {
  coerceTexts,
  credentialSettings,
  currencySetting,
  exactValues,
  extractionSettings,
  parseYaml,
  problemsOf,
} from '@traffic-events/program/extraction';
import { strictSettings } from '@traffic-events/source';
import { isWarehouseUrl, WAREHOUSE_EXPECTED } from '@traffic-events/warehouse';
import { z } from 'zod';
import { alertsSetting } from './alerts/alert-settings.ts';
import { consentEndSetting } from './consent/consent-end.ts';
import { withEnvironment } from './environment-references.ts';

const shape = {
  credentials: strictSettings({
    ...credentialSettings,
    consent_ends: consentEndSetting,
  }).describe('Login with Amazon.'),
  ...extractionSettings,
  consent_url: z
    .url({ protocol: /^https?$/, error: 'expected a URL, such as http://127.0.0.1:8080/ap/oa' })
    .optional()
    .meta({ examples: ['http://127.0.0.1:8080/ap/oa'] })
    .describe("Instead of the page of the account's region on which `login` asks for consent."),
  nul_replacement: z
    .string()
    .refine((text) => !text.includes('\u0000'), {
      error: 'expected text without U+0000, which it is to replace',
    })
    .optional()
    .describe(
      'What U+0000 in a result becomes. Unless set, PostgreSQL, which cannot hold it, refuses the slice.',
    ),
  warehouse: z
    .string()
    .refine(isWarehouseUrl, { error: WAREHOUSE_EXPECTED })
    .meta({
      secret: true,
      examples: ['postgres://user:password@host:5432/database', 'bigquery://project/dataset'],
    })
    .describe('Where the copy is kept. The database must exist; schema and tables are made.'),
  alerts: alertsSetting,
  reporting_currency: currencySetting
    .optional()
    .describe('Currency in which the views show the costs of all accounts as well.'),
  lock_timeout_seconds: z
    .number()
    .min(0)
    .optional()
    .describe(
      'How long to try for what others have locked in PostgreSQL, 0 for as long as it takes. Tries are short, so that nobody queues behind them, and the log says who is in the way. 300 unless set.',
    ),
  schema: z.string().min(1).default('traffic_events').describe('Database schema of the tables.'),
};

/** The settings of traffic-events.yaml. */
export const configSchema = strictSettings(shape);

/** As editors and other programs read it. */
export function configJsonSchema(): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' });
}

/** The settings, checked. */
export type Config = z.output<typeof configSchema>;

/** Reads the configuration; throws ConfigError with one line per fault. */
export function readConfig(path: string, environment: NodeJS.ProcessEnv): Config {
  return parseConfig(readText(path), path, environment);
}

/** As `readConfig`, of text already at hand; `path` names it in messages. */
export function parseConfig(text: string, path: string, environment: NodeJS.ProcessEnv): Config {
  const value = withEnvironment(parseYaml(text, path), path, environment);
  const parsed = configSchema.safeParse(coerceTexts(exactValues(value), shape), {
    reportInput: true,
  });
  if (parsed.success) return parsed.data;
  const problems = problemsOf(parsed.error, {
    secrets: ['alerts', 'credentials', 'proxy', 'warehouse'],
  });
  throw new ConfigError(problems.map((problem) => `${path}: ${problem}`).join('\n'));
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ConfigError(
      `${path}: cannot be read. traffic-events init writes one to fill in; or name another file with --config.`,
      { cause },
    );
  }
}
