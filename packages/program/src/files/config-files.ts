import { environmentName } from '@traffic-events/singer';

import { ConfigError } from '../config-error.ts';
import type { PlaceOf } from '../exit/fault-at-place.ts';
import { readJsonFile } from './read-json-file.ts';

/** What JSON files say, and which of them says it. */
export interface ConfigFiles {
  readonly config: Readonly<Record<string, unknown>>;
  /** Name of the file that a setting is of. */
  readonly fileOf: ReadonlyMap<string, string>;
}

const isFile = (path: string) => path !== 'ENV';

/**
 * The settings of JSON files, the later winning. `ENV` stands for none, as in Meltano's SDK: the
 * environment alone.
 */
export async function readConfigFiles(paths: readonly string[]): Promise<ConfigFiles> {
  const entries: [string, unknown][] = [];
  const fileOf = new Map<string, string>();
  for (const path of paths.filter(isFile)) {
    const config = await readJsonFile(path, '--config');
    if (typeof config !== 'object' || config === null || Array.isArray(config)) {
      throw new ConfigError(`--config ${path}: expected one JSON object of settings; see --about.`);
    }
    entries.push(...Object.entries(config));
    for (const name of Object.keys(config)) fileOf.set(name, path);
  }
  // Each key is one of its own, whatever it is called: none is lost.
  return { config: Object.fromEntries(entries), fileOf };
}

/** Where a setting of these files can be put, for errors. */
export function configSource(paths: readonly string[]): string {
  const files = paths.filter(isFile);
  return files.length === 0 ? 'a file for --config' : files.join(', ');
}

/** Where the settings of a program stand: the environment wins. */
export function placesOf(
  program: string,
  { fileOf }: Pick<ConfigFiles, 'fileOf'>,
  env: Readonly<Record<string, string | undefined>>,
): PlaceOf {
  return (setting) => {
    const variable = environmentName(program, setting);
    return env[variable] ? variable : fileOf.get(setting);
  };
}
