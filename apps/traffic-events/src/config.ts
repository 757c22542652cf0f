import { readFileSync } from 'node:fs';
import { marketplaces } from '@traffic-events/client';
import type { MarketplaceCode } from '@traffic-events/client';
import { currentTimeZone, isEventDate, isTimeZone } from '@traffic-events/slice';
import { columnTypeSchema, streamConfigSchema } from '@traffic-events/source';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { ConfigError } from './config-error.ts';
import { isWarehouseUrl, WAREHOUSE_EXPECTED } from './warehouse.ts';

// YAML reads an unquoted id as a number; as a bigint it keeps all its digits.
const id = z.union([z.string().min(1), z.bigint().transform(String)]);

const account = z
  .strictObject({
    marketplace: z
      .enum(Object.keys(marketplaces) as [MarketplaceCode, ...MarketplaceCode[]])
      .describe('Marketplace code, such as DE or UK.'),
    advertiser_id: id.optional().describe('DSP advertiser id.'),
    entity_id: id.optional().describe('Sponsored ads entity id, such as ENTITY1.'),
    time_zone: z
      .string()
      .refine(isTimeZone, { error: 'expected an IANA time zone, such as Europe/Berlin' })
      .transform(currentTimeZone)
      .optional()
      .describe('Zone whose days are the event dates. UTC unless set. Chosen for good.'),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, 'expected an ISO 4217 code, such as EUR')
      .optional()
      .describe('Currency of its costs, for the views; they show none where it is not set.'),
  })
  .refine((value) => (value.advertiser_id === undefined) !== (value.entity_id === undefined), {
    error:
      'expected either advertiser_id (DSP) or entity_id (sponsored ads), not both and not none',
  });

const secret = (description: string) => z.string().min(1).describe(description);

/** The settings of traffic-events.yaml. */
export const configSchema = z.strictObject({
  credentials: z
    .strictObject({
      client_id: secret('Client id of the Login with Amazon security profile.'),
      client_secret: secret('Client secret of the same profile.'),
      refresh_token: secret('Refresh token of the user who gave consent.'),
    })
    .describe('Login with Amazon.'),
  start_date: z
    .string()
    .refine(isEventDate, { error: 'expected a date, such as 2026-01-31' })
    .describe('First event date to fetch. What the API no longer has is left out.'),
  accounts: z.array(account).min(1).describe('Whose events are kept.'),
  streams: z
    .array(z.union([z.string().min(1), streamConfigSchema]))
    .min(1)
    .optional()
    .describe("Streams by name, or of one's own. The default ones of each account unless set."),
  refresh: z
    .enum(['daily', 'settled_only'])
    .optional()
    .describe('daily: ask for each date every day until it settles; settled_only: once, then.'),
  metric_layout: z
    .enum(['joined', 'per_metric'])
    .optional()
    .describe('Rows per combination of dimensions, or one for each metric; the better by table.'),
  column_types: z
    .record(z.string(), z.record(z.string(), columnTypeSchema))
    .optional()
    .describe('Types by stream and column, where cells do not fit the documented ones.'),
  max_active_executions: z
    .int()
    .min(1)
    .max(5)
    .default(5)
    .describe('Executions of an account at a time; leave some to other programs.'),
  max_executions_per_day: z
    .int()
    .positive()
    .optional()
    .describe('Executions of an account that may be created on a UTC date.'),
  archive: z
    .string()
    .min(1)
    .optional()
    .describe('Folder that keeps the raw result of every execution; rebuild reloads from it.'),
  warehouse: z
    .string()
    .refine(isWarehouseUrl, { error: WAREHOUSE_EXPECTED })
    .describe('Where the copy is kept. The database must exist; schema and tables are made.'),
  schema: z.string().min(1).default('traffic_events').describe('Database schema of the tables.'),
  api_url: z.url().optional().describe("Instead of the API of the account's region."),
  token_url: z.url().optional().describe("Instead of the token endpoint of the account's region."),
});

/** The settings, checked. */
export type Config = z.output<typeof configSchema>;

/** Reads the configuration; throws ConfigError with one line per fault. */
export function readConfig(path: string, environment: NodeJS.ProcessEnv): Config {
  return parseConfig(readText(path), path, environment);
}

/** As `readConfig`, of text already at hand; `path` names it in messages. */
export function parseConfig(text: string, path: string, environment: NodeJS.ProcessEnv): Config {
  const document = parseDocument(text, { intAsBigInt: true, schema: 'core' });
  const [fault] = document.errors;
  if (fault !== undefined) throw new ConfigError(`${path}: ${fault.message}`);
  const value = withEnvironment(document.toJS(), path, environment);
  const parsed = configSchema.safeParse(value, { reportInput: true });
  if (!parsed.success) throw new ConfigError(describeIssues(parsed.error, path));
  return parsed.data;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ConfigError(
      `${path}: cannot be read. Copy traffic-events.example.yaml and fill it in, or name another file with --config.`,
      { cause },
    );
  }
}

const REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** Replaces `${NAME}` in every text by the environment's value; `keys` says where in messages. */
function withEnvironment(value: unknown, keys: string, environment: NodeJS.ProcessEnv): unknown {
  if (typeof value === 'string') {
    return value.replace(REFERENCE, (_, name: string) => {
      const found = environment[name];
      if (found === undefined) {
        throw new ConfigError(
          `${keys}: the environment variable ${name} is not set. Set it, or write the value here.`,
        );
      }
      return found;
    });
  }
  if (Array.isArray(value)) {
    return value.map((item, index) => withEnvironment(item, `${keys}[${index}]`, environment));
  }
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      withEnvironment(item, `${keys}${keys.includes(': ') ? '.' : ': '}${key}`, environment),
    ]),
  );
}

function describeIssues(error: z.ZodError, path: string): string {
  return error.issues
    .map((issue) => `${path}: ${keyOf(issue.path)}: ${issue.message}${received(issue)}`)
    .join('\n');
}

const SECRET_KEYS = new Set<PropertyKey>(['credentials', 'warehouse']);

/** The value at fault, where it is a plain one and no secret can be in it. */
function received({ path, input }: z.core.$ZodIssue): string {
  if (path[0] === undefined || SECRET_KEYS.has(path[0])) return '';
  if (typeof input === 'string') return `, got ${JSON.stringify(input)}`;
  return typeof input === 'number' || typeof input === 'boolean' ? `, got ${input}` : '';
}

function keyOf(path: readonly PropertyKey[]): string {
  if (path.length === 0) return '(the whole file)';
  return path
    .map((part, index) =>
      typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`,
    )
    .join('');
}
