import { ConfigError } from '../config-error.ts';
import { readJsonFile } from './read-json-file.ts';

const isFile = (path: string) => path !== 'ENV';

/**
 * The settings of JSON files, the later winning. `ENV` stands for none, as in Meltano's SDK: the
 * environment alone.
 */
export async function readConfigFiles(paths: readonly string[]): Promise<Record<string, unknown>> {
  const entries: [string, unknown][] = [];
  for (const path of paths.filter(isFile)) {
    const config = await readJsonFile(path, '--config');
    if (typeof config !== 'object' || config === null || Array.isArray(config)) {
      throw new ConfigError(`--config ${path}: expected one JSON object of settings; see --about.`);
    }
    entries.push(...Object.entries(config));
  }
  // Each key is one of its own, whatever it is called: none is lost.
  return Object.fromEntries(entries);
}

/** Where a setting of these files can be put, for errors. */
export function configSource(paths: readonly string[]): string {
  const files = paths.filter(isFile);
  return files.length === 0 ? 'a file for --config' : files.join(', ');
}
