import type { SessionOptions } from '../session-options.ts';
import type { ConnectionSettings } from './connection/connection-settings.ts';

export const DEFAULT_SCHEMA = 'traffic_events';

/** Where the tables are. */
export interface PostgresPlace {
  readonly connection: ConnectionSettings;
  /** Database schema; `traffic_events` unless given. */
  readonly schema?: string | undefined;
}

export interface PostgresOptions extends PostgresPlace, SessionOptions {
  /** How long to try to connect again when a connection is lost; 60 seconds unless given. */
  readonly reconnectForMs?: number | undefined;
}
