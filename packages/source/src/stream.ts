import type { ResultColumn } from '@traffic-events/slice';

import type { StreamTiming } from './timing.ts';

/** What the API is asked for, apart from the window. */
export type StreamQuery = { readonly kind: 'sql'; readonly sqlQuery: string };

/** When an open slice that has a copy is asked for again. */
export type Refresh = 'daily' | 'settled_only';

/** What a stream asks for and how its result is read. */
export interface StreamDefinition {
  readonly name: string;
  readonly description: string;
  /** Accounts that can be asked. */
  readonly accountKind: 'dsp' | 'sponsored_ads';
  /** The table that is read: an overlap refusal concerns all streams over it. */
  readonly dataSource: string;
  readonly query: StreamQuery;
  /** Columns of the result in the order of the query, the discriminator last. */
  readonly columns: readonly ResultColumn[];
  /** Metrics whose sums the ledger keeps; the first is the one that copies are compared by. */
  readonly mainMetrics: readonly string[];
  readonly timing: StreamTiming;
  readonly refresh: Refresh;
}

export function mainMetric(stream: StreamDefinition): string | undefined {
  return stream.mainMetrics[0];
}
