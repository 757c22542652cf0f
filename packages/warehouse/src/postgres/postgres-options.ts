import type { Clock } from '@traffic-events/client';
import type { LeaseTimings } from '../leases/lease-keeper.ts';
import type { Logger } from '../logger.ts';
import type { ConnectionSettings } from './connection/connection-settings.ts';

export const DEFAULT_SCHEMA = 'traffic_events';

export interface PostgresOptions {
  readonly connection: ConnectionSettings;
  /** Database schema; `traffic_events` unless given. */
  readonly schema?: string | undefined;
  /** API time, for when states were saved. */
  readonly clock?: Clock | undefined;
  /** Wall time, for leases. */
  readonly leaseClock?: Clock | undefined;
  readonly leaseTimings?: Partial<LeaseTimings> | undefined;
  /** How long to try to connect again when a connection is lost; 60 seconds unless given. */
  readonly reconnectForMs?: number | undefined;
  /** What U+0000 in a result becomes; a slice that holds it is refused unless given. */
  readonly nulReplacement?: string | undefined;
  readonly logger?: Logger | undefined;
  readonly signal?: AbortSignal | undefined;
}
