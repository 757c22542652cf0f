import { readFileSync } from 'node:fs';
import { ConfigError } from '@traffic-events/program';
import {
  coerceTexts,
  credentialSettings,
  exactValues,
  extractionSettings,
  parseYaml,
  problemsOf,
  strictSettings,
} from '@traffic-events/program/extraction';
import { isWarehouseUrl, WAREHOUSE_EXPECTED } from '@traffic-events/warehouse';
import { z } from 'zod';

const shape = {
  credentials: strictSettings(credentialSettings).describe('Login with Amazon.'),
  ...extractionSettings,
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
  schema: z.string().min(1).default('traffic_events').describe('Database schema of the tables.'),
};

/** The settings of traffic-events.yaml. */
export const configSchema = strictSettings(shape);

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
  const problems = problemsOf(parsed.error, { secrets: ['credentials', 'warehouse'] });
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

const REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** Replaces `${NAME}` in every text by the environment's value; `keys` says where in messages. */
function withEnvironment(value: unknown, keys: string, environment: NodeJS.ProcessEnv): unknown {
  if (typeof value === 'string') {
    return value.replace(REFERENCE, (_, name: string) => {
      const found = Object.hasOwn(environment, name) ? environment[name] : undefined;
      if (found !== undefined && found !== '') return found;
      throw new ConfigError(
        `${keys}: the environment variable ${name} is ${found === '' ? 'empty' : 'not set'}. Set it, in .env for instance, or write the value here.`,
      );
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
