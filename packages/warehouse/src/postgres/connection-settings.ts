import type { ClientConfig } from 'pg';
import { ConnectionError } from '../errors.ts';

/**
 * Where the warehouse is. What is left out comes from the environment as libpq reads it (PGHOST,
 * PGUSER, … and .pgpass), then from PostgreSQL's defaults.
 */
export interface ConnectionSettings {
  /** `postgresql://user:password@host:port/database`; the other settings win over its parts. */
  readonly url?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly database?: string | undefined;
  /** How long a connection may take to be made; 10 seconds unless given. */
  readonly connectTimeoutMs?: number | undefined;
}

const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;

/** The settings as `pg` takes them. Throws `ConnectionError` for a url that is none. */
export function clientConfig(settings: ConnectionSettings): ClientConfig {
  const { url, connectTimeoutMs, host, port, user, password, database } = settings;
  const parts = definedOf({ host, port, user, password, database });
  return {
    // What a connection string says would win over the rest, so the rest is put into it.
    ...(url === undefined ? parts : { connectionString: withParts(url, parts) }),
    connectionTimeoutMillis: connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
    keepAlive: true,
  };
}

function withParts(url: string, parts: Partial<Record<string, string>>): string {
  const parsed = URL.parse(url);
  if (parsed === null || !/^postgres(?:ql)?:$/.test(parsed.protocol)) {
    throw new ConnectionError(
      'url is not a PostgreSQL URL. Write postgresql://user:password@host:port/database, with special characters percent-encoded.',
      { disposition: 'fatal' },
    );
  }
  const { host, port, user, password, database } = parts;
  if (host !== undefined) parsed.hostname = host;
  if (port !== undefined) parsed.port = port;
  if (user !== undefined) parsed.username = encodeURIComponent(user);
  if (password !== undefined) parsed.password = encodeURIComponent(password);
  if (database !== undefined) parsed.pathname = `/${encodeURIComponent(database)}`;
  return parsed.href;
}

function definedOf(parts: object): Partial<Record<string, string>> {
  const entries = Object.entries(parts).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}
