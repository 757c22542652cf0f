import { MalformedInputError } from '@traffic-events/singer';

import { readJsonFile } from './read-json-file.ts';

/** The settings of all `--config` files, later ones first; `ENV` stands for none (Meltano's SDK). */
export async function readConfigs(paths: readonly string[]): Promise<Record<string, unknown>> {
  const merged: Record<string, unknown> = {};
  for (const path of paths.filter((each) => each !== 'ENV')) {
    const config = await readJsonFile(path, '--config');
    if (typeof config !== 'object' || config === null || Array.isArray(config)) {
      throw new MalformedInputError(`--config ${path} must hold one JSON object of settings.`);
    }
    Object.assign(merged, config);
  }
  return merged;
}
