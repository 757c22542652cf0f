import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { ConfigError } from '../config-error.ts';

/** What the environment has from `.env` alone: a later reading may change it. */
const loaded = new Set<string>();

/** Adds what a `.env` of the working folder says to the environment, which wins. */
export function loadDotEnv(): void {
  for (const [name, value] of Object.entries(readDotEnv())) {
    if (value === undefined || (name in process.env && !loaded.has(name))) continue;
    process.env[name] = value;
    loaded.add(name);
  }
}

function readDotEnv(): NodeJS.Dict<string> {
  try {
    return parseEnv(readFileSync('.env', 'utf8'));
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return {};
    throw new ConfigError(`.env: cannot be read (${code ?? message}).`, { cause });
  }
}
