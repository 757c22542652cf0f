import { nearestName } from '@traffic-events/singer';
import { ConnectionSettingError } from '../../errors.ts';

/** As libpq names them. */
export const TLS_MODES = [
  'disable',
  'allow',
  'prefer',
  'require',
  'verify-ca',
  'verify-full',
] as const;
export const CHANNEL_BINDINGS = ['disable', 'prefer', 'require'] as const;
export const SESSION_KINDS = [
  'any',
  'read-write',
  'read-only',
  'primary',
  'standby',
  'prefer-standby',
] as const;
const TLS_VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];

/** What becomes of a parameter: its value is taken, one of few is, or none. */
interface KnownParameter {
  /** The variable that it is read from where it is not given. */
  readonly env?: string;
  readonly values?: readonly string[];
  /** Why it is not to be had. */
  readonly refused?: string;
}

const NO_GSS = 'GSSAPI is not to be had here';
const NO_FILE = 'services are not read here; write out what the service stands for';
const NO_SOCKET_OPTION = 'this program cannot set it for its sockets';
const NO_SCRAM_KEY = 'only passwords are to be had here; set password';
const NO_OAUTH = 'OAuth is not to be had here';

/** All that libpq 18 knows. https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-PARAMKEYWORDS */
const KNOWN: Readonly<Record<string, KnownParameter>> = {
  host: { env: 'PGHOST' },
  hostaddr: { env: 'PGHOSTADDR' },
  port: { env: 'PGPORT' },
  dbname: { env: 'PGDATABASE' },
  user: { env: 'PGUSER' },
  password: { env: 'PGPASSWORD' },
  passfile: { env: 'PGPASSFILE' },
  require_auth: { env: 'PGREQUIREAUTH' },
  channel_binding: { env: 'PGCHANNELBINDING', values: CHANNEL_BINDINGS },
  connect_timeout: { env: 'PGCONNECT_TIMEOUT' },
  client_encoding: { values: ['UTF8', 'utf8', 'UTF-8', 'utf-8', 'auto'] },
  options: { env: 'PGOPTIONS' },
  application_name: { env: 'PGAPPNAME' },
  fallback_application_name: {},
  keepalives: { values: ['1', '0'] },
  keepalives_idle: {},
  keepalives_interval: { refused: NO_SOCKET_OPTION },
  keepalives_count: { refused: NO_SOCKET_OPTION },
  tcp_user_timeout: { refused: NO_SOCKET_OPTION },
  replication: { refused: 'rows are not loaded over replication connections' },
  gssencmode: { env: 'PGGSSENCMODE', values: ['disable', 'prefer'] },
  krbsrvname: { refused: NO_GSS },
  gsslib: { refused: NO_GSS },
  gssdelegation: { refused: NO_GSS },
  sslmode: { env: 'PGSSLMODE', values: TLS_MODES },
  requiressl: { env: 'PGREQUIRESSL', refused: 'write sslmode=require' },
  sslnegotiation: { env: 'PGSSLNEGOTIATION', values: ['postgres', 'direct'] },
  sslcompression: { env: 'PGSSLCOMPRESSION', values: ['0'] },
  sslcert: { env: 'PGSSLCERT' },
  sslkey: { env: 'PGSSLKEY' },
  sslpassword: {},
  sslcertmode: { env: 'PGSSLCERTMODE', values: ['disable', 'allow'] },
  sslrootcert: { env: 'PGSSLROOTCERT' },
  sslcrl: { env: 'PGSSLCRL' },
  sslcrldir: { env: 'PGSSLCRLDIR', refused: 'set sslcrl to one file' },
  sslsni: { env: 'PGSSLSNI', values: ['1'] },
  sslkeylogfile: { refused: 'keys of TLS sessions are not written anywhere' },
  ssl_min_protocol_version: { env: 'PGSSLMINPROTOCOLVERSION', values: TLS_VERSIONS },
  ssl_max_protocol_version: { env: 'PGSSLMAXPROTOCOLVERSION', values: TLS_VERSIONS },
  min_protocol_version: { env: 'PGMINPROTOCOLVERSION', values: ['3.0'] },
  max_protocol_version: { env: 'PGMAXPROTOCOLVERSION', values: ['3.0', '3.2', 'latest'] },
  requirepeer: { env: 'PGREQUIREPEER', refused: 'who runs the server of a socket is not checked' },
  target_session_attrs: { env: 'PGTARGETSESSIONATTRS', values: SESSION_KINDS },
  load_balance_hosts: { env: 'PGLOADBALANCEHOSTS', values: ['disable', 'random'] },
  service: { env: 'PGSERVICE', refused: NO_FILE },
  servicefile: { refused: NO_FILE },
  scram_client_key: { refused: NO_SCRAM_KEY },
  scram_server_key: { refused: NO_SCRAM_KEY },
  oauth_issuer: { refused: NO_OAUTH },
  oauth_client_id: { refused: NO_OAUTH },
  oauth_client_secret: { refused: NO_OAUTH },
  oauth_scope: { refused: NO_OAUTH },
};

export const PARAMETER_NAMES: readonly string[] = Object.keys(KNOWN);

/**
 * The value of a parameter: given, else from the environment; undefined where nobody says anything.
 * Throws for one that cannot be obeyed.
 */
export function parameterOf(
  name: string,
  given: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const { env: variable, values, refused } = KNOWN[name] ?? {};
  const fromEnv = variable === undefined ? undefined : env[variable] || undefined;
  const value = given ?? fromEnv;
  if (value === undefined) return undefined;
  const where = given === undefined ? variable : name;
  if (refused !== undefined) throw new ConnectionSettingError(`${where} is refused: ${refused}.`);
  if (values === undefined || values.includes(value)) return value;
  throw new ConnectionSettingError(
    `${where} is ${JSON.stringify(value)}; expected ${values.length === 1 ? '' : 'one of '}${values.join(', ')}.`,
  );
}

/** Throws for a name that libpq does not know; `isShown` unless it may be a part of a password. */
export function refuseUnknown(name: string, isShown: boolean): void {
  if (Object.hasOwn(KNOWN, name)) return;
  const nearest = isShown ? nearestName(name, PARAMETER_NAMES) : undefined;
  const meant = nearest === undefined ? '' : ` Did you mean ${nearest}?`;
  throw new ConnectionSettingError(
    `url: ${isShown ? name : 'what stands behind its ?'} is no parameter of a connection.${meant} What the server is to be told goes into options, such as options=-c%20statement_timeout%3D5min.`,
  );
}

/** The value of a parameter by its name at libpq. */
export type Lookup = (name: string) => string | undefined;
