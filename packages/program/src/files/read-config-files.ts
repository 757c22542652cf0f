import { ConfigError } from '../config-error.ts';
import { readJsonFile } from './read-json-file.ts';

/**
 * The settings of JSON files, the later winning. `ENV` stands for none, as in Meltano's SDK: the
 * environment alone.
 */
export async function readConfigFiles(paths: readonly string[]): Promise<Record<string, unknown>> {
  const merged: Record<string, unknown> = {};
  for (const path of paths.filter((each) => each !== 'ENV')) {
    const config = await readJsonFile(path, '--config');
    if (typeof config !== 'object' || config === null || Array.isArray(config)) {
      throw new ConfigError(`--config ${path}: expected one JSON object of settings; see --about.`);
    }
    Object.assign(merged, config);
  }
  return merged;
}
