import { resolveStreams } from '@traffic-events/source';
import type { StreamDefinition } from '@traffic-events/source';
import { ConfigError } from './config-error.ts';
import type { Config } from './config.ts';

/**
 * The streams of a configuration: those that it names and those that it defines; where it names
 * none, the default ones beside its own.
 */
export function streamsOf(config: Config): StreamDefinition[] {
  const entries = config.streams ?? [];
  const named = entries.filter((entry) => typeof entry === 'string');
  const custom = entries.filter((entry) => typeof entry !== 'string');
  const streams = resolveStreams({
    custom,
    metricLayout: config.metric_layout,
    refresh: config.refresh,
    ...(config.column_types === undefined ? {} : { columnTypes: config.column_types }),
  });
  if (named.length === 0) return streams.filter(({ isDefault }) => isDefault);
  const known = streams.map(({ name }) => name);
  const unknown = named.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new ConfigError(`streams: expected one of ${known.join(', ')}, got "${unknown}"`);
  }
  const wanted = new Set([...named, ...custom.map(({ name }) => name)]);
  return streams.filter(({ name }) => wanted.has(name));
}
