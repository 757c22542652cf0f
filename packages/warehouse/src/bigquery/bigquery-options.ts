import type { Clock } from '@traffic-events/client';
import type { LeaseTimings } from '../leases/lease-keeper.ts';
import type { Logger } from '../logger.ts';
import type { BigQuerySettings, TableOptions } from './jobs/bigquery-settings.ts';
import type { RetryTiming } from './jobs/retry-timing.ts';

export interface BigQueryOptions {
  readonly connection: BigQuerySettings;
  readonly tables?: TableOptions | undefined;
  /** API time, for when states were saved. */
  readonly clock?: Clock | undefined;
  /** Wall time, for leases and waits. */
  readonly leaseClock?: Clock | undefined;
  readonly leaseTimings?: Partial<LeaseTimings> | undefined;
  readonly retries?: RetryTiming | undefined;
  /** What U+0000 in a result becomes; BigQuery holds it as it is unless given. */
  readonly nulReplacement?: string | undefined;
  readonly logger?: Logger | undefined;
  readonly signal?: AbortSignal | undefined;
}
