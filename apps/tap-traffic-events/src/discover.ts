import { discoverCatalog, parseCatalog, selectStreams } from '@traffic-events/singer';
import type { Catalog } from '@traffic-events/singer';
import { REPLACE_BY } from '@traffic-events/slice';
import { describeStream, ledgerDescription, narrowStream } from '@traffic-events/source';
import type { StreamDefinition } from '@traffic-events/source';

/** Reserved columns beside the keys: they are there whatever is selected. */
const ADDED = ['marketplace', 'filtered', 'extracted_at'];

/** The catalog of `--discover`: every slice stream, and the ledger, which is always in. */
export function discover(streams: readonly StreamDefinition[]): Catalog {
  const slices = streams.map((stream) => ({
    ...describeStream(stream),
    replicationMethod: 'INCREMENTAL' as const,
    validReplicationKeys: ['event_date'],
    automaticProperties: [...REPLACE_BY, ...ADDED],
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

/** The streams that a catalog selects, each with the columns that it selects. */
export function selected(
  streams: readonly StreamDefinition[],
  catalog: unknown,
  path: string,
): StreamDefinition[] {
  const selections = selectStreams(parseCatalog(catalog, path));
  return streams.flatMap((stream) => {
    const selection = selections.find((candidate) => candidate.stream === stream.name);
    return selection === undefined ? [] : [narrowStream(stream, selection.properties)];
  });
}
