import { readFile } from 'node:fs/promises';
import { SettingsError } from '@traffic-events/singer';

/** The settings of JSON files, the later winning; `example` is shown where one holds none. */
export async function readConfigFiles(
  files: readonly string[],
  example: string,
): Promise<Record<string, unknown>> {
  const configs = await Promise.all(files.map((file) => readConfig(file, example)));
  return Object.assign({}, ...configs) as Record<string, unknown>;
}

async function readConfig(file: string, example: string): Promise<object> {
  // As Meltano's SDK has it: the environment alone.
  if (file === 'ENV') return {};
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new SettingsError([`--config ${file}: cannot be read (${error.code ?? error.message}).`]);
  });
  const value = parse(text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new SettingsError([`--config ${file}: expected a JSON object such as ${example}.`]);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
