import { chmodSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ConfigError } from '@traffic-events/program';
import { setEnvLines } from '../login/env-lines.ts';
import { configJsonSchema } from '../config.ts';
import type { Answers } from './answers.ts';
import { configTemplate, SCHEMA_FILE } from './config-template.ts';
import { writePrivate } from './write-private.ts';

/** What stands beside a configuration. */
export interface WrittenFiles {
  readonly env: string;
  /** There was one already: only what was answered has been set in it. */
  readonly hadEnv: boolean;
  readonly schema: string;
}

/** Writes configuration, `.env` and schema; never over a configuration that is there. */
export function writeFiles(config: string, answers: Answers): WrittenFiles {
  if (!writePrivate(config, configTemplate(answers))) {
    throw new ConfigError(
      `${config} is there already and is left as it is. Name another file with --config.`,
    );
  }
  const folder = dirname(config);
  const [env, schema] = [join(folder, '.env'), join(folder, SCHEMA_FILE)];
  const hadEnv = !writePrivate(env, ENV);
  const given = Object.entries({
    AMAZON_ADS_CLIENT_ID: answers.clientId,
    WAREHOUSE_URL: answers.warehouseUrl,
  }).filter(([, value]) => value !== undefined);
  if (given.length > 0) setEnvLines(env, Object.fromEntries(given));
  writeSchema(schema);
  return { env, hadEnv, schema };
}

/** It belongs to the version of the program, and replaces that of another one. */
function writeSchema(path: string): void {
  try {
    writeFileSync(path, `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
    chmodSync(path, 0o644);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new ConfigError(`${path} cannot be written (${code ?? message}).`, { cause });
  }
}

const ENV = `# Read by every program that runs in this folder. Keep it out of version control.
AMAZON_ADS_CLIENT_ID=
AMAZON_ADS_CLIENT_SECRET=
AMAZON_ADS_REFRESH_TOKEN=
WAREHOUSE_URL=
`;
