import { builtInStreams, configuredStream, defaultStreams } from '@traffic-events/source';
import type { StreamDefinition } from '@traffic-events/source';
import { ConfigError } from './config-error.ts';
import type { Config } from './config.ts';

/**
 * The streams of a configuration: those that it names and those that it defines; where it names
 * none, the default ones beside its own.
 */
export function streamsOf(config: Config): StreamDefinition[] {
  const entries = config.streams ?? [];
  const named = entries.filter((entry) => typeof entry === 'string').map(builtInStream);
  const own = entries.filter((entry) => typeof entry !== 'string').map(configuredStream);
  const streams = [...(named.length > 0 ? named : defaultStreams), ...own];
  const names = streams.map(({ name }) => name);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) {
    throw new ConfigError(`streams: ${repeated} is there more than once. Give each its own name.`);
  }
  const { refresh } = config;
  return refresh === undefined ? streams : streams.map((stream) => ({ ...stream, refresh }));
}

function builtInStream(name: string): StreamDefinition {
  const known = builtInStreams();
  const found = known.find((stream) => stream.name === name);
  if (found !== undefined) return found;
  const names = known.map((stream) => stream.name).join(', ');
  throw new ConfigError(`streams: there is no stream ${JSON.stringify(name)}. There are ${names}.`);
}
