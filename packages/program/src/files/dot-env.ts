import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { ConfigError } from '../config-error.ts';

/** What the environment has from an env file alone: a later reading may change it. */
const loaded = new Set<string>();
/** The file that was named, for later readings. */
let namedFile: string | undefined;

/**
 * Adds what an env file says to the environment, which wins: the one that was named, here or before,
 * which must be there, or `.env` of the working folder, if there is one.
 */
export function loadDotEnv(path = namedFile): void {
  namedFile = path;
  for (const [name, value] of Object.entries(readEnvFile(path))) {
    const given = process.env[name];
    // Where Node was started without --, it has taken the file's variables by itself.
    const isFiles = given === undefined || given === value || loaded.has(name);
    if (value === undefined || !isFiles) continue;
    process.env[name] = value;
    loaded.add(name);
  }
}

function readEnvFile(path: string | undefined): NodeJS.Dict<string> {
  try {
    return parseEnv(readFileSync(path ?? '.env', 'utf8'));
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' && path === undefined) return {};
    const what = path === undefined ? '.env' : `--env-file ${path}`;
    throw new ConfigError(`${what}: cannot be read (${code ?? message}).`, { cause });
  }
}
