import { StreamConfigError } from '../errors.ts';
import type { Refresh, StreamColumn, StreamDefinition } from './stream.ts';
import type { MetricLayout } from './aggregate-query.ts';
import { builtInStreams } from './default-streams.ts';
import { configuredStream } from './stream-config.ts';
import type { ReadStreamConfig } from './stream-config.ts';

/** What a configuration says about streams. */
export interface StreamOptions {
  /** Streams of one's own. */
  readonly custom?: readonly ReadStreamConfig[];
  /** Of the built-in streams; each has the one that suppresses less unless set. */
  readonly metricLayout?: MetricLayout | undefined;
  /** Of the built-in streams; `daily` unless set. */
  readonly refresh?: Refresh | undefined;
  /** Types by stream and column, where a result does not fit those of the documentation. */
  readonly columnTypes?: Readonly<Record<string, Readonly<Record<string, StreamColumn['type']>>>>;
}

/** Every stream that can be selected; StreamConfigError names what is wrong. */
export function resolveStreams(options: StreamOptions): StreamDefinition[] {
  const { custom = [], metricLayout, refresh, columnTypes = {} } = options;
  const builtIn = builtInStreams(metricLayout)
    .filter((stream) => !isReplaced(stream, custom))
    .map((stream) => ({ ...stream, refresh: refresh ?? stream.refresh }));
  const streams = [...builtIn, ...custom.map(configuredStream)];
  const names = streams.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new StreamConfigError(
      `streams: there is another stream ${twice}; give yours another name.`,
    );
  }
  for (const name of Object.keys(columnTypes)) {
    if (names.includes(name)) continue;
    throw new StreamConfigError(
      `column_types names the stream ${name}, which does not exist; use one of ${names.join(', ')}.`,
    );
  }
  return streams.map((stream) =>
    withTypes(stream, typesOf(stream, new Map(Object.entries(columnTypes)))),
  );
}

/** Configurations from before there were coarse grains may have given a stream such a name. */
function isReplaced(
  { name, coarserThan }: StreamDefinition,
  custom: readonly ReadStreamConfig[],
): boolean {
  return coarserThan !== undefined && custom.some((own) => own.name === name);
}

type ColumnTypes = Readonly<Record<string, StreamColumn['type']>>;

/** A coarser grain has the types of its daily stream, as it sums up the same cells, and its own. */
function typesOf(
  { name, coarserThan, columns }: StreamDefinition,
  all: ReadonlyMap<string, ColumnTypes>,
): ColumnTypes {
  const own = all.get(name) ?? {};
  if (coarserThan === undefined) return own;
  const inherited = Object.entries(all.get(coarserThan) ?? {}).filter(([column]) =>
    columns.some((each) => each.name === column),
  );
  return { ...Object.fromEntries(inherited), ...own };
}

function withTypes(
  stream: StreamDefinition,
  types: Readonly<Record<string, StreamColumn['type']>>,
): StreamDefinition {
  const unknown = Object.keys(types).find(
    (name) => !stream.columns.some((column) => column.name === name),
  );
  if (unknown !== undefined) {
    throw new StreamConfigError(
      `column_types of stream ${stream.name} names ${unknown}, which is no column of it.`,
    );
  }
  const typeOf = new Map(Object.entries(types));
  const columns = stream.columns.map((column) => ({
    ...column,
    type: typeOf.get(column.name) ?? column.type,
  }));
  const isPlain = Object.keys(types).length === 0;
  return isPlain ? stream : { ...stream, columns, declaredColumns: stream.columns };
}
