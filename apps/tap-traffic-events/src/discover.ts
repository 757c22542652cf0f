import { discoverCatalog, parseCatalog, selectStreams } from '@traffic-events/singer';
import type { Catalog } from '@traffic-events/singer';
import { REPLACE_BY } from '@traffic-events/slice';
import { describeStream, ledgerDescription, recordKey } from '@traffic-events/source';
import type { StreamDefinition } from '@traffic-events/source';

/** Reserved columns beside the keys: they are there whatever is selected, as is the main metric. */
const ADDED = ['marketplace', 'filtered', 'extracted_at'];

/** The catalog of `--discover`: every slice stream, and the ledger, which is always in. */
export function discover(streams: readonly StreamDefinition[]): Catalog {
  const slices = streams.map((stream) => ({
    ...describeStream(stream),
    replicationMethod: 'INCREMENTAL' as const,
    validReplicationKeys: ['event_date'],
    automaticProperties: [...REPLACE_BY, ...ADDED, ...mainMetrics(stream)],
    selectedByDefault: stream.isDefault,
  }));
  return discoverCatalog([
    ...slices,
    {
      ...ledgerDescription,
      replicationMethod: 'INCREMENTAL',
      validReplicationKeys: ['recorded_at'],
      automaticProperties: Object.keys(ledgerDescription.schema['properties'] ?? {}),
      inclusion: 'automatic',
    },
  ]);
}

/** What a catalog selects. */
export interface Selection {
  readonly streams: readonly StreamDefinition[];
  /** Properties that are left out of records, by stream. */
  readonly leftOut: LeftOut;
}

export type LeftOut = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * The streams that a catalog selects, and the properties that it does not. What is left out is asked
 * for and summed up all the same: the query, its definition and the ledger stay as they are.
 */
export function selected(
  streams: readonly StreamDefinition[],
  catalog: unknown,
  path: string,
): Selection {
  const selections = new Map(
    selectStreams(parseCatalog(catalog, path)).map(({ stream, properties }) => [
      stream,
      properties,
    ]),
  );
  const chosen = streams.filter(({ name }) => selections.has(name));
  const leftOut = chosen.map((stream): [string, Set<string>] => [
    stream.name,
    leftOutOf(stream, selections.get(stream.name) ?? new Set()),
  ]);
  return { streams: chosen, leftOut: new Map(leftOut) };
}

function leftOutOf(stream: StreamDefinition, wanted: ReadonlySet<string>): Set<string> {
  const keys = stream.columns.map(recordKey);
  const kept = new Set([...wanted, ...ADDED, ...mainMetrics(stream)]);
  return new Set(keys.filter((key) => !kept.has(key)));
}

/** The property of the metric that copies of a slice are compared by; none where a stream has none. */
function mainMetrics({ columns, mainMetrics: [main] }: StreamDefinition): string[] {
  return columns.filter(({ name }) => name === main).map(recordKey);
}
