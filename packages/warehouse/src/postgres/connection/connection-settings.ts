import type { ClientConfig } from 'pg';
import { ConnectionError } from '../../errors.ts';
import { isTlsMode, TLS_MODES } from './tls.ts';
import type { TlsSettings } from './tls.ts';

/**
 * Where the warehouse is. What is left out comes from the environment as libpq reads it (PGHOST,
 * PGUSER, PGSSLMODE, … and .pgpass), then from PostgreSQL's defaults.
 */
export interface ConnectionSettings {
  /** `postgresql://user:password@host:port/database`; the other settings win over its parts. */
  readonly url?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly database?: string | undefined;
  /** As libpq has it: disable, prefer (unless given), require, verify-ca, verify-full. */
  readonly sslMode?: string | undefined;
  /** Files in PEM form: authorities to trust, and this client's certificate and key. */
  readonly sslRootCert?: string | undefined;
  readonly sslCert?: string | undefined;
  readonly sslKey?: string | undefined;
  /** How long a connection may take to be made; 10 seconds unless given. */
  readonly connectTimeoutMs?: number | undefined;
  /** How long a statement may run; as long as it takes unless given. */
  readonly statementTimeoutMs?: number | undefined;
  /** How long a statement may wait for a lock; as long as it takes unless given. */
  readonly lockTimeoutMs?: number | undefined;
}

const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;

/** What libpq takes in a URL and the driver would read in its own way. */
const TLS_PARAMETERS = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey'] as const;

type Environment = Readonly<Record<string, string | undefined>>;

/** The settings as `pg` takes them, TLS apart. Throws `ConnectionError` for a url that is none. */
export function clientConfig(settings: ConnectionSettings): ClientConfig {
  const { url, connectTimeoutMs, statementTimeoutMs, lockTimeoutMs } = settings;
  const { host, port, user, password, database } = settings;
  const parts = definedOf({ host, port, user, password, database });
  return {
    // What a connection string says would win over the rest, so the rest is put into it.
    ...(url === undefined ? parts : { connectionString: withParts(parsedUrl(url), parts) }),
    connectionTimeoutMillis: connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
    keepAlive: true,
    ...(statementTimeoutMs === undefined ? {} : { statement_timeout: statementTimeoutMs }),
    ...(lockTimeoutMs === undefined ? {} : { lock_timeout: lockTimeoutMs }),
  };
}

/** What the settings, the url and libpq's variables say of TLS, in this order. */
export function tlsSettings(settings: ConnectionSettings, env: Environment): TlsSettings {
  const inUrl = settings.url === undefined ? undefined : parsedUrl(settings.url).searchParams;
  const mode = settings.sslMode ?? inUrl?.get('sslmode') ?? env['PGSSLMODE'] ?? 'prefer';
  if (!isTlsMode(mode)) {
    throw new ConnectionError(
      `sslmode is ${JSON.stringify(mode)}; expected one of ${TLS_MODES.join(', ')}.`,
      { action: 'fatal' },
    );
  }
  return {
    mode,
    rootCert: settings.sslRootCert ?? inUrl?.get('sslrootcert') ?? env['PGSSLROOTCERT'],
    cert: settings.sslCert ?? inUrl?.get('sslcert') ?? env['PGSSLCERT'],
    key: settings.sslKey ?? inUrl?.get('sslkey') ?? env['PGSSLKEY'],
  };
}

function parsedUrl(url: string): URL {
  const parsed = URL.parse(url);
  if (parsed !== null && /^postgres(?:ql)?:$/.test(parsed.protocol)) return parsed;
  throw new ConnectionError(
    'url is not a PostgreSQL URL. Write postgresql://user:password@host:port/database, with special characters percent-encoded.',
    { action: 'fatal' },
  );
}

function withParts(url: URL, parts: Partial<Record<string, string>>): string {
  const { host, port, user, password, database } = parts;
  if (host !== undefined) url.hostname = host;
  if (port !== undefined) url.port = port;
  if (user !== undefined) url.username = encodeURIComponent(user);
  if (password !== undefined) url.password = encodeURIComponent(password);
  if (database !== undefined) url.pathname = `/${encodeURIComponent(database)}`;
  for (const parameter of TLS_PARAMETERS) url.searchParams.delete(parameter);
  return url.href;
}

function definedOf(parts: object): Partial<Record<string, string>> {
  const entries = Object.entries(parts).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}
