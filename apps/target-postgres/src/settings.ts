import { readFile } from 'node:fs/promises';
import { readSettings, SettingsError } from '@traffic-events/singer';
import type { SettingDefinitions, SettingValues } from '@traffic-events/singer';

/** Named as MeltanoLabs' target-postgres names them where it has the same. */
export const SETTINGS = {
  url: {
    kind: 'string',
    secret: true,
    description:
      'postgresql://user:password@host:port/database. The settings below win over its parts.',
  },
  host: {
    kind: 'string',
    description: 'Host of the server. PGHOST, then localhost, unless set.',
  },
  port: { kind: 'integer', description: 'Port of the server. PGPORT, then 5432, unless set.' },
  user: { kind: 'string', description: 'Name of the user. PGUSER unless set.' },
  password: {
    kind: 'string',
    secret: true,
    description: 'Password of the user. PGPASSWORD, then .pgpass, unless set.',
  },
  database: { kind: 'string', description: 'Name of the database. PGDATABASE unless set.' },
  default_target_schema: {
    kind: 'string',
    default: 'traffic_events',
    description: 'Database schema that tables are made in.',
  },
  max_line_bytes: {
    kind: 'integer',
    default: 134_217_728,
    description: 'Longest message accepted, in bytes.',
  },
} as const satisfies SettingDefinitions;

export type TargetSettings = SettingValues<typeof SETTINGS>;

/** Settings of the files, the later winning, and of the environment, which wins over them. */
export async function loadSettings(
  program: string,
  files: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<TargetSettings> {
  const configs = await Promise.all(files.map(readConfig));
  return readSettings(SETTINGS, {
    program,
    config: Object.assign({}, ...configs) as Record<string, unknown>,
    source: files.length === 0 ? 'a file for --config' : files.join(', '),
    env,
  });
}

async function readConfig(file: string): Promise<object> {
  // As Meltano's SDK has it: the environment alone.
  if (file === 'ENV') return {};
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new SettingsError([`--config ${file}: cannot be read (${error.code ?? error.message}).`]);
  });
  const value = parse(text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new SettingsError([
    `--config ${file}: expected a JSON object such as {"host": "localhost"}.`,
  ]);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
