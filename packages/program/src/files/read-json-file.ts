import { readFile } from 'node:fs/promises';

import { ConfigError } from '../config-error.ts';
import { parseJsonText } from './parse-json-text.ts';

/** The content of a JSON file, digits kept; `option` names it in errors. */
export async function readJsonFile(path: string, option: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code ?? cause.message;
    throw new ConfigError(`${option} ${path}: cannot be read (${why}).`, { cause });
  });
  return parseJsonText(text, `${option} ${path}`);
}
