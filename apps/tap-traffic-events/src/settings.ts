import type { Account } from '@traffic-events/client';
import { readSettings, SettingsError } from '@traffic-events/singer';
import type { SettingValues } from '@traffic-events/singer';
import { isEventDate } from '@traffic-events/slice';
import { columnTypeSchema, resolveStreams, streamConfigSchema } from '@traffic-events/source';
import type { Refresh, StreamDefinition } from '@traffic-events/source';
import { z } from 'zod';

import { readAccounts } from './account-setting.ts';
import { batchConfigSchema } from './batch-config.ts';
import type { BatchConfig } from './batch-config.ts';
import { PROGRAM, settingDefinitions } from './setting-definitions.ts';

type Values = SettingValues<typeof settingDefinitions>;

export interface TapSettings extends Omit<
  Values,
  'accounts' | 'start_date' | 'streams' | 'column_types' | 'batch_config'
> {
  readonly accounts: readonly Account[];
  /** `YYYY-MM-DD`. */
  readonly startDate: string;
  /** Every stream that can be selected. */
  readonly streams: readonly StreamDefinition[];
  readonly batchConfig: BatchConfig | undefined;
}

/** Settings from the merged configs and the environment; one SettingsError names all problems. */
export function readTapSettings(
  config: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): TapSettings {
  const values = readSettings(settingDefinitions, {
    program: PROGRAM,
    config,
    source: '--config',
    env,
  });
  const problems: string[] = [];
  const accounts = readAccounts(values.accounts, problems);
  const startDate = values.start_date.slice(0, 10);
  if (!isEventDate(startDate)) {
    problems.push(`start_date: expected a date such as 2026-01-31, got ${values.start_date}.`);
  }
  const slots = values.max_active_executions;
  if (slots < 1 || slots > 5) {
    problems.push(`max_active_executions: expected a whole number from 1 to 5, got ${slots}.`);
  }
  const custom = read('streams', z.array(streamConfigSchema), values.streams ?? [], problems);
  const columnTypes = read('column_types', columnTypesSchema, values.column_types ?? {}, problems);
  const batchConfig = read(
    'batch_config',
    batchConfigSchema.optional(),
    values.batch_config,
    problems,
  );
  if (problems.length > 0) throw new SettingsError(problems);
  const streams = resolveStreams({
    custom: custom ?? [],
    columnTypes: columnTypes ?? {},
    metricLayout: values.metric_layout as 'joined' | 'per_metric' | undefined,
    refresh: values.refresh as Refresh,
  });
  return { ...values, accounts, startDate, streams, batchConfig };
}

/** The streams that can be selected by a config that may lack anything else. */
export function readStreams(
  config: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): readonly StreamDefinition[] {
  const required = { client_id: '-', client_secret: '-', refresh_token: '-' };
  const accounts = [{ marketplace: 'DE', advertiser_id: '-' }];
  const defaults = { ...required, start_date: '2026-01-01', accounts };
  const given = Object.entries(config).filter(([, value]) => value !== null && value !== '');
  return readTapSettings({ ...defaults, ...Object.fromEntries(given) }, env).streams;
}

const columnTypesSchema = z.record(z.string(), z.record(z.string(), columnTypeSchema));

function read<Schema extends z.ZodType>(
  name: string,
  schema: Schema,
  value: unknown,
  problems: string[],
): z.output<Schema> | undefined {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const { path, message } of parsed.error.issues) {
    problems.push(`${[name, ...path].join('.')}: ${message}.`);
  }
  return undefined;
}
