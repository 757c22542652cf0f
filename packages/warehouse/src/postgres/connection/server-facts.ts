import type pg from 'pg';
import { WarehouseConnectionError } from '../../errors.ts';
import type { SessionKind } from './connection-parts.ts';
import { describeEndpoint } from './postgres-errors.ts';
import type { Endpoint } from './postgres-errors.ts';

/** What a server says of itself and of the session. */
export interface ServerFacts {
  readonly pid: number;
  /** Whether sessions are handed out by a pooler that stands between. */
  readonly isPooled: boolean;
  /** ISO 8601 with microseconds. */
  readonly startedAt: string;
  readonly isStandby: boolean;
  readonly isReadOnly: boolean;
}

const OLDEST_SERVER = 150_000;

type Told = Omit<ServerFacts, 'isPooled'> & { readonly version: number };

const FACTS = `
  SELECT current_setting('server_version_num')::int AS version,
         pg_backend_pid() AS pid,
         pg_is_in_recovery() AS "isStandby",
         current_setting('transaction_read_only') = 'on' AS "isReadOnly",
         (SELECT to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
            FROM pg_stat_activity WHERE pid = pg_backend_pid()) AS "startedAt"`;

/** Learns who serves a session. */
export async function introduce(client: pg.Client, endpoint: Endpoint): Promise<ServerFacts> {
  const { rows } = await client.query<Told>(FACTS);
  const [{ version, ...facts }] = rows as [Told];
  // What a pooler gave for cancelling is its own, and not of the process behind it.
  const { processID: givenPid } = client as unknown as { readonly processID: number | null };
  if (version >= OLDEST_SERVER) return { ...facts, isPooled: givenPid !== facts.pid };
  throw new WarehouseConnectionError(
    `The server of ${describeEndpoint(endpoint)} is older than PostgreSQL 15. Upgrade it.`,
    { action: 'fatal' },
  );
}

/** https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-CONNECT-TARGET-SESSION-ATTRS */
export function isSuited({ isStandby, isReadOnly }: ServerFacts, kind: SessionKind): boolean {
  switch (kind) {
    case 'read-write':
      return !isReadOnly;
    case 'read-only':
      return isReadOnly;
    case 'primary':
      return !isStandby;
    case 'standby':
      return isStandby;
    default:
      return true;
  }
}
