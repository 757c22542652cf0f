import { ConfigurationError, dataSources, lintSql } from '@traffic-events/client';
import { isNumericType, LEDGER_STREAM } from '@traffic-events/slice';
import type { ResultColumn } from '@traffic-events/slice';
import * as z from 'zod';

import { StreamConfigError } from '../errors.ts';
import type { StreamDefinition } from './stream.ts';
import { EVENT_TIMING } from './timing.ts';
import { strictSettings } from './strict-settings.ts';
import { aggregateStream, discriminator } from './aggregate-stream.ts';

const name = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,62}$/, 'expected lower-case letters, digits and _, such as my_stream')
  .describe('Name of the stream and of its table.');
const refresh = z
  .enum(['daily', 'settled_only'])
  .default('daily')
  .describe('daily: ask again every day until the date has settled; settled_only: ask once, then.');
const description = z.string().optional().describe('What the stream holds.');

const tableNames = dataSources.map((source) => source.name);

/** A stream that groups a data source by chosen columns. */
const aggregateConfig = strictSettings({
  name,
  description,
  refresh,
  data_source: z.enum(tableNames).describe('Table inside the clean room.'),
  dimensions: z.array(z.string()).describe('Columns to group by.'),
  metrics: z
    .array(z.string())
    .min(1, 'expected at least one metric')
    .describe('Columns to sum; copies are compared by the first.'),
  metric_layout: z
    .enum(['joined', 'per_metric'])
    .default('joined')
    .describe('joined: a row per combination of dimensions; per_metric: a row for each metric.'),
});

/** Types that a column may be given. */
export const columnTypeSchema = z.enum([
  'STRING',
  'LONG',
  'INTEGER',
  'DECIMAL',
  'DOUBLE',
  'BOOLEAN',
  'DATE',
  'TIMESTAMP',
]);

/** A stream with SQL of one's own. */
const sqlConfig = strictSettings({
  name,
  description,
  refresh,
  account_kind: z.enum(['dsp', 'sponsored_ads']).describe('Accounts that are asked.'),
  sql: z.string().min(1).describe('A query of the dialect of the clean room.'),
  columns: z
    .record(z.string(), columnTypeSchema)
    .describe('Type of each column of the result, in the order of the query.'),
  keys: z
    .array(z.string())
    .describe('Columns that tell the rows of a slice apart: its dimensions.'),
});

/** How a stream of one's own stands in a configuration. */
export const streamConfigSchema = z.union([sqlConfig, aggregateConfig]);

export type StreamConfig = z.input<typeof streamConfigSchema>;
/** The same once it has been read: defaults filled in. */
export type ReadStreamConfig = z.output<typeof streamConfigSchema>;

/** The definition of a stream from the configuration; StreamConfigError names the stream and place. */
export function configuredStream(config: ReadStreamConfig): StreamDefinition {
  if (config.name === LEDGER_STREAM) {
    throw new StreamConfigError(`streams: ${config.name} is the name of the ledger; take another.`);
  }
  return 'sql' in config ? sqlStream(config) : groupedStream(config);
}

function groupedStream(config: z.output<typeof aggregateConfig>): StreamDefinition {
  try {
    return aggregateStream({
      name: config.name,
      description: config.description ?? `${config.data_source} by columns of one's own.`,
      aggregate: {
        dataSource: config.data_source,
        dimensions: config.dimensions,
        metrics: config.metrics,
        layout: config.metric_layout,
      },
      refresh: config.refresh,
      isDefault: true,
    });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    throw new StreamConfigError(`streams: ${config.name}: ${error.message}`, { cause: error });
  }
}

function sqlStream(config: z.output<typeof sqlConfig>): StreamDefinition {
  refuseBadSql(config.name, config.sql);
  const columns = Object.entries(config.columns).map(([column, type]): ResultColumn => ({
    name: column,
    type,
    role: config.keys.includes(column) ? 'dimension' : 'metric',
  }));
  const unknown = config.keys.find((key) => !Object.hasOwn(config.columns, key));
  if (unknown !== undefined) {
    throw new StreamConfigError(
      `streams: ${config.name}: keys names ${unknown}, which columns does not have; add it there.`,
    );
  }
  return {
    name: config.name,
    description: config.description ?? 'A query of the configuration.',
    accountKind: config.account_kind,
    dataSources: tablesOf(config.sql),
    query: { kind: 'sql', sqlQuery: config.sql },
    columns: [...columns, discriminator],
    mainMetrics: columns.filter(isNumericMetric).map((column) => column.name),
    timing: EVENT_TIMING,
    refresh: config.refresh,
    isDefault: true,
  };
}

function refuseBadSql(stream: string, sql: string): void {
  const errors = lintSql(sql).filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return;
  throw new StreamConfigError(
    `streams: ${stream}: ${errors.map(({ message }) => message).join('. ')}`,
  );
}

function isNumericMetric({ role, type }: ResultColumn): boolean {
  return role === 'metric' && isNumericType(type);
}

/** The tables that a query names: what an overlap refusal of it concerns. */
function tablesOf(sql: string): string[] {
  const words = new Set(sql.toLowerCase().split(/\W+/));
  return tableNames.filter((table) => words.has(table));
}
