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
  /** As libpq has it: disable, allow, prefer (unless given), require, verify-ca, verify-full. */
  readonly sslMode?: string | undefined;
  /** Files in PEM form: authorities to trust (or `system`), and this client's certificate and key. */
  readonly sslRootCert?: string | undefined;
  readonly sslCert?: string | undefined;
  readonly sslKey?: string | undefined;
  /** How long a connection may take to be made; 10 seconds unless given. */
  readonly connectTimeoutMs?: number | undefined;
  /** How long a statement may run; as the server has it unless given, 0 for as long as it takes. */
  readonly statementTimeoutMs?: number | undefined;
  /** How long to wait for a lock, in short tries; 5 minutes unless given, 0 for as long as it takes. */
  readonly lockTimeoutMs?: number | undefined;
}
