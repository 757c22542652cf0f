import { didYouMean, isBundled, resolveStreams } from '@traffic-events/source';
import type { StreamDefinition } from '@traffic-events/source';

import { ConfigError } from '../config-error.ts';
import type { ExtractionSettings } from './extraction-settings.ts';

/** Stands in `streams` for the daily tables that an account has unless it is told otherwise. */
const DEFAULTS = 'defaults';

type StreamSettings = Pick<
  ExtractionSettings,
  'streams' | 'grains' | 'refresh' | 'metric_layout' | 'column_types'
> &
  Partial<Pick<ExtractionSettings, 'bundle'>>;

/**
 * Every stream that can be selected; `isDefault` is true of those that the configuration lists.
 * Throws ConfigError for a name that is none, StreamConfigError for a definition that cannot run.
 */
export function listedStreams(settings: StreamSettings): StreamDefinition[] {
  const entries = settings.streams ?? [DEFAULTS];
  const names = entries.filter((entry) => typeof entry === 'string');
  const own = entries.filter((entry) => typeof entry !== 'string');
  const streams = resolveStreams({
    custom: own,
    metricLayout: settings.metric_layout,
    refresh: settings.refresh,
    ...(settings.column_types === undefined ? {} : { columnTypes: settings.column_types }),
  });
  refuseUnknown(names, streams);
  if (own.some(({ name }) => name === DEFAULTS)) {
    throw new ConfigError(
      `streams: "${DEFAULTS}" stands for the default streams; name yours otherwise.`,
    );
  }
  const listed = new Set(namedStreams({ streams: entries }));
  const withDefaults = names.includes(DEFAULTS);
  const isTogether = settings.bundle === 'auto';
  const isListed = (stream: StreamDefinition) =>
    listed.has(stream.name) ||
    (withDefaults && (stream.isDefault || (isTogether && isDaily(stream))));
  const grains = settings.grains ?? (isTogether ? 'all' : 'fine');
  const withCoarser = new Set(
    grains === 'all' ? streams.filter(isListed).map(({ name }) => name) : [],
  );
  return streams.map((stream) => ({
    ...stream,
    isDefault: isListed(stream) || withCoarser.has(stream.coarserThan ?? ''),
  }));
}

/** The streams that the configuration names one by one. */
export function namedStreams({ streams = [] }: Pick<ExtractionSettings, 'streams'>): string[] {
  const names = streams.map((entry) => (typeof entry === 'string' ? entry : entry.name));
  return names.filter((name) => name !== DEFAULTS);
}

/** A daily table, which costs no execution of its own where it is asked for together with others. */
function isDaily(stream: StreamDefinition): boolean {
  return isBundled(stream) && stream.coarserThan === undefined;
}

function refuseUnknown(names: readonly string[], streams: readonly StreamDefinition[]): void {
  const known = [DEFAULTS, ...streams.map(({ name }) => name)];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const meant = didYouMean(unknown, known);
  const got = `got ${JSON.stringify(unknown)}`;
  throw new ConfigError(
    meant === ''
      ? `streams: expected one of ${known.join(', ')}, ${got}.`
      : `streams: ${got}${meant}`,
  );
}
