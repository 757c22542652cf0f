import type { ResultColumn } from '@traffic-events/slice';

import type { AggregateSpec } from './aggregate-query.ts';
import type { StreamTiming } from './timing.ts';

/** What the API is asked for, apart from the window. */
export type StreamQuery =
  | { readonly kind: 'sql'; readonly sqlQuery: string }
  | { readonly kind: 'ivt_report'; readonly vendors: readonly ('AdLoox' | 'IAS')[] }
  | { readonly kind: 'page_url_report' };

/** When an open slice that has a copy is asked for again. */
export type Refresh = 'daily' | 'settled_only';

/** A column of a result, and what is tolerated of the file that it is read from. */
export interface StreamColumn extends ResultColumn {
  /** Other names that the file may have for it. */
  readonly aliases?: readonly string[];
  /** NULL in every row where the file lacks it: what a template gives is not documented in full. */
  readonly optional?: boolean;
}

/** What a stream asks for and how its result is read. */
export interface StreamDefinition {
  readonly name: string;
  readonly description: string;
  /** Accounts that can be asked. */
  readonly accountKind: 'dsp' | 'sponsored_ads';
  /** The tables that are read: an overlap refusal concerns all streams over them. */
  readonly dataSources: readonly string[];
  readonly query: StreamQuery;
  /** What the query was built from; absent where it was given as it is. */
  readonly aggregate?: AggregateSpec;
  /** The daily stream whose events it sums up again, at a coarser grain; absent where there is none. */
  readonly coarserThan?: string;
  /** Columns of the result in the order of the query, the discriminator last. */
  readonly columns: readonly StreamColumn[];
  /** The same before types were overridden; absent where none is. */
  readonly declaredColumns?: readonly StreamColumn[];
  /** Metrics whose sums the ledger keeps; the first is the one that copies are compared by. */
  readonly mainMetrics: readonly string[];
  readonly timing: StreamTiming;
  readonly refresh: Refresh;
  /** Whether an account of its kind is asked for it unless it is told otherwise. */
  readonly isDefault: boolean;
}

export function mainMetric(stream: StreamDefinition): string | undefined {
  return stream.mainMetrics[0];
}
