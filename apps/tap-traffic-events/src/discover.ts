import { discoverCatalog } from '@traffic-events/singer';
import type { Catalog } from '@traffic-events/singer';
import { describeStream, ledgerDescription } from '@traffic-events/source';
import type { StreamDefinition } from '@traffic-events/source';
import { REPLACE_BY } from '@traffic-events/slice';

/** The catalog of `--discover`: every slice stream, and the ledger, which is always in. */
export function discover(streams: readonly StreamDefinition[]): Catalog {
  const slices = streams.map((stream) => ({
    ...describeStream(stream),
    replicationMethod: 'INCREMENTAL' as const,
    validReplicationKeys: ['event_date'],
    automaticProperties: [...REPLACE_BY, ...ADDED],
  }));
  return discoverCatalog([
    ...slices,
    {
      ...ledgerDescription,
      replicationMethod: 'INCREMENTAL',
      validReplicationKeys: ['recorded_at'],
      automaticProperties: Object.keys(ledgerDescription.schema['properties'] ?? {}),
    },
  ]);
}

/** Reserved columns beside the keys: they are there whatever is selected. */
const ADDED = ['marketplace', 'filtered', 'extracted_at'];
