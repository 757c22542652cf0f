import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment over what a `.env` of the working folder says, if there is one. */
export async function withDotEnv(env: Environment): Promise<Environment> {
  try {
    return { ...parseEnv(await readFile('.env', 'utf8')), ...env };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return env;
    throw error;
  }
}
