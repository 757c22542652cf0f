import { readFile } from 'node:fs/promises';

import { MalformedInputError, parseJson } from '@traffic-events/singer';

/** The content of a JSON file, digits kept; `option` names it in errors. */
export async function readJsonFile(path: string, option: string): Promise<unknown> {
  let text;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new MalformedInputError(`${option} ${path} cannot be read: ${why}.`, error);
  }
  if (text.trim() === '') return {};
  try {
    return parseJson(text);
  } catch (error) {
    throw new MalformedInputError(`${option} ${path} is not JSON. Check the file.`, error);
  }
}
