import type { Clock } from '@traffic-events/client';
import type { LeaseTimings } from './leases/lease-keeper.ts';
import type { Logger } from '@traffic-events/client';

/** What loading into any warehouse can be told. */
export interface SessionOptions {
  /** API time, for when states were saved. */
  readonly clock?: Clock | undefined;
  /** Wall time, for leases and waits. */
  readonly leaseClock?: Clock | undefined;
  readonly leaseTimings?: Partial<LeaseTimings> | undefined;
  /**
   * What U+0000 in a result becomes. Unless given, BigQuery holds it as it is, and PostgreSQL
   * refuses the slice.
   */
  readonly nulReplacement?: string | undefined;
  readonly logger?: Logger | undefined;
  readonly signal?: AbortSignal | undefined;
}
