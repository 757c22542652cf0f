import { columnTypeSchema, streamConfigSchema } from '@traffic-events/source';
import { z } from 'zod';

import { DURATION_EXPECTED, durationMs } from '../arguments/duration.ts';
import { accountSetting } from './account-setting.ts';
import { startDateSetting } from './start-date-setting.ts';
import { wholeNumber } from './whole-number.ts';

const text = z.string().min(1);
const httpUrl = z.url({
  protocol: /^https?$/,
  error: 'expected a URL, such as http://127.0.0.1:8080',
});

/** Longer than this no download takes, and no timer of JavaScript waits. */
const LONGEST_MS = 24 * 86_400_000;

/** A duration in words, in milliseconds once it is checked. */
function duration() {
  return z
    .string()
    .meta({ examples: ['90s', '1.5h'] })
    .transform((given, context) => {
      const ms = durationMs(given);
      if (ms !== undefined && ms <= LONGEST_MS) return ms;
      const message = ms === undefined ? DURATION_EXPECTED : 'expected 24d at most';
      context.addIssue({ code: 'custom', message, input: given });
      return z.NEVER;
    });
}

/** Login with Amazon. */
export const credentialSettings = {
  client_id: text.describe('Client id of the Login with Amazon security profile.'),
  client_secret: text.meta({ secret: true }).describe('Client secret of the same profile.'),
  refresh_token: text
    .meta({ secret: true })
    .describe('Refresh token of the user who gave consent.'),
};

/** Login with Amazon, checked. */
export type CredentialSettings = Readonly<Record<keyof typeof credentialSettings, string>>;

/** What every program that extracts can be told, in YAML and JSON alike. */
export const extractionSettings = {
  start_date: startDateSetting
    .meta({ format: 'date' })
    .describe('First event date to fetch. What the API no longer has is left out.'),
  accounts: z
    .array(accountSetting)
    .min(1, 'expected at least one account')
    .describe(
      'Whose events are kept: {marketplace: DE, advertiser_id: "1234"} for a DSP advertiser, {marketplace: UK, entity_id: ENTITY1} for a sponsored ads entity. A time_zone (an IANA name) makes event dates local days instead of UTC ones; that choice is for good.',
    ),
  streams: z
    .array(
      z.union([text, streamConfigSchema], {
        error: 'expected the name of a stream, or a mapping that defines one',
      }),
    )
    .min(1, 'expected at least one stream')
    .optional()
    .meta({ examples: [['defaults'], ['dsp_impressions', 'adserver_traffic']] })
    .describe(
      "What is extracted: streams by name, `defaults` for the daily tables of DSP and sponsored ads, and streams of one's own ({name, data_source, dimensions, metrics} or {name, account_kind, sql, columns, keys}). What is listed is what runs; `defaults` unless set.",
    ),
  grains: z
    .enum(['fine', 'all'])
    .optional()
    .describe(
      'all: each daily table that is listed is kept by campaign (dsp_impressions_by_campaign) and as a total (dsp_impressions_total) as well; fine: only where they are listed. all with `bundle: auto`, where they cost no execution, and fine without, where each is one, unless set.',
    ),
  bundle: z
    .enum(['auto', 'off'])
    .default('off')
    .describe(
      'auto: what is due of a date is asked for by one query, as far as the account has shown that this gives what single queries give, and `defaults` are all daily tables of an account, ad server and devices among them; off: each table and grain has an execution of its own.',
    ),
  refresh: z
    .enum(['daily', 'settled_only'])
    .default('daily')
    .describe(
      'daily: ask for each date every day until nothing more can arrive for it; settled_only: ask once, then.',
    ),
  metric_layout: z
    .enum(['joined', 'per_metric'])
    .optional()
    .describe(
      'joined: a row per combination of dimensions; per_metric: one for each of its metrics. The one that suppresses less, by table, unless set.',
    ),
  column_types: z
    .record(z.string(), z.record(z.string(), columnTypeSchema))
    .optional()
    .meta({ examples: [{ dsp_impressions: { total_cost: 'DECIMAL' } }] })
    .describe(
      'Types by stream and column, where cells do not fit the documented ones: {dsp_impressions: {total_cost: DECIMAL}}.',
    ),
  max_active_executions: wholeNumber(1, 5)
    .default(5)
    .describe('Executions of an account at a time; leave some to other programs.'),
  max_executions_per_day: wholeNumber(1)
    .optional()
    .meta({ examples: [100] })
    .describe('Executions of an account that may be created on a UTC date. No limit unless set.'),
  max_outage: duration()
    .optional()
    .describe(
      'How long a run waits for an API that does not answer, such as 2h, before the account ends. 5m unless set.',
    ),
  max_download_bytes: wholeNumber(1)
    .optional()
    .meta({ examples: [20_000_000_000] })
    .describe('Largest result that is downloaded, in bytes. 10 GB unless set.'),
  download_timeout: duration()
    .optional()
    .describe('Longest time of one download with all its tries, such as 4h. 2h unless set.'),
  archive: text
    .optional()
    .meta({ examples: ['./archive'] })
    .describe('Folder that keeps the raw result of every execution; rebuild reloads from it.'),
  captures: text
    .optional()
    .meta({ examples: ['./captures'] })
    .describe(
      'Folder that gets every request and answer of the API, without secrets, for a report or for `simulate`.',
    ),
  proxy: z
    .url({
      protocol: /^(?:https?|socks5?)$/,
      error: 'expected the URL of a proxy, such as http://proxy.example:3128',
    })
    .optional()
    .meta({ secret: true, examples: ['http://user:password@proxy.example:3128'] })
    .describe('Proxy of all requests to Amazon. HTTPS_PROXY and HTTP_PROXY unless set.'),
  no_proxy: text
    .optional()
    .meta({ examples: ['127.0.0.1,.internal.example'] })
    .describe('Hosts that are asked without a proxy, with commas between. NO_PROXY unless set.'),
  api_url: httpUrl
    .optional()
    .meta({ examples: ['http://127.0.0.1:8080'] })
    .describe("Instead of the API of the account's region."),
  token_url: httpUrl
    .optional()
    .meta({ examples: ['http://127.0.0.1:8080/auth/o2/token'] })
    .describe("Instead of the token endpoint of the account's region."),
};

const extractionSchema = z.strictObject(extractionSettings);

/** The settings of an extraction, checked. */
export type ExtractionSettings = z.output<typeof extractionSchema>;
