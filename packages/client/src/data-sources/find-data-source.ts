import { ConfigurationError } from '../errors/configuration-error.ts';
import type { DataSource } from './data-source.ts';
import { dataSources } from './data-sources.ts';

const byName: ReadonlyMap<string, DataSource> = new Map(
  dataSources.map((source) => [source.name, source]),
);

/** The table of that name, in any letter case; ConfigurationError when there is none. */
export function dataSource(name: string): DataSource {
  const found = byName.get(name.toLowerCase());
  if (found !== undefined) return found;
  throw new ConfigurationError(
    `There is no data source ${JSON.stringify(name)}; use one of ${[...byName.keys()].join(', ')}`,
  );
}
