import type { StreamDefinition } from '../streams/stream.ts';
import { EVENT_TIMING } from '../streams/timing.ts';

/** A stream for tests of how results are read. */
export function streamOf(
  fields: Pick<StreamDefinition, 'columns' | 'mainMetrics'>,
): StreamDefinition {
  return {
    name: 's',
    description: '',
    accountKind: 'dsp',
    dataSources: ['s'],
    query: { kind: 'sql', sqlQuery: 'SELECT 1' },
    timing: EVENT_TIMING,
    refresh: 'daily',
    isDefault: true,
    ...fields,
  };
}
