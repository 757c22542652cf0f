import { userInfo } from 'node:os';
import { ConnectionSettingError } from '../../errors.ts';
import type { ConnectionSettings } from './connection-settings.ts';
import { parseConnectionUrl } from './connection-url.ts';
import { PARAMETER_NAMES, parameterOf } from './known-parameters.ts';
import type { CHANNEL_BINDINGS, SESSION_KINDS, Lookup } from './known-parameters.ts';
import { tlsParts } from './tls-parts.ts';
import type { TlsParts } from './tls-parts.ts';

export type ChannelBinding = (typeof CHANNEL_BINDINGS)[number];
export type SessionKind = (typeof SESSION_KINDS)[number];

/** A server that may be asked. */
export interface Host {
  /** A name, an address, or the folder of a socket. */
  readonly name: string;
  /** Where to connect instead of looking the name up. */
  readonly address: string | undefined;
  readonly port: number;
}

/** All that is known of how to connect, whoever said it. */
export interface ConnectionParts {
  /** To be tried in this order. */
  readonly hosts: readonly Host[];
  readonly isBalanced: boolean;
  readonly sessionKind: SessionKind;
  readonly database: string;
  readonly user: string;
  readonly password: string | undefined;
  readonly passFile: string | undefined;
  readonly channelBinding: ChannelBinding;
  /** Ways to authenticate that a server may ask for; any unless given. */
  readonly requireAuth: string | undefined;
  readonly tls: TlsParts;
  readonly connectTimeoutMs: number;
  readonly keepAlive: { readonly isOn: boolean; readonly idleMs: number };
  /** For the server, at the beginning of a session. */
  readonly options: string | undefined;
  readonly applicationName: string | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;

/**
 * What settings, url and environment say, in this order. Throws `ConnectionSettingError` for what
 * is unknown, wrong or contradicts itself.
 */
export function connectionParts(settings: ConnectionSettings, env: Environment): ConnectionParts {
  const inUrl = settings.url === undefined ? new Map() : parseConnectionUrl(settings.url);
  const given = new Map([...inUrl, ...settingsOf(settings)]);
  // It would lead elsewhere than to the host that wins.
  if (settings.host) given.delete('hostaddr');
  const outside = given.has('host') ? { ...env, PGHOSTADDR: undefined } : env;
  const look: Lookup = (name) => parameterOf(name, given.get(name), outside);
  for (const name of PARAMETER_NAMES) look(name);
  const user = look('user') ?? userOfProcess();
  return {
    hosts: hostsOf(look),
    isBalanced: look('load_balance_hosts') === 'random',
    sessionKind: (look('target_session_attrs') ?? 'any') as SessionKind,
    database: look('dbname') ?? user,
    user,
    password: look('password'),
    passFile: look('passfile'),
    channelBinding: (look('channel_binding') ?? 'prefer') as ChannelBinding,
    requireAuth: look('require_auth'),
    tls: tlsParts(look),
    connectTimeoutMs: connectTimeoutOf(settings, look),
    keepAlive: {
      isOn: look('keepalives') !== '0',
      idleMs: (wholeNumber('keepalives_idle', look) ?? 0) * 1000,
    },
    options: look('options'),
    applicationName: look('application_name') ?? look('fallback_application_name'),
  };
}

/** What the settings say of the parts of a url. */
function settingsOf(settings: ConnectionSettings): [string, string][] {
  const { host, port, user, password, database } = settings;
  const own = {
    host,
    port: port?.toString(),
    user,
    password,
    dbname: database,
    sslmode: settings.sslMode,
    sslrootcert: settings.sslRootCert,
    sslcert: settings.sslCert,
    sslkey: settings.sslKey,
  };
  return Object.entries(own).filter((entry): entry is [string, string] => Boolean(entry[1]));
}

function hostsOf(look: Lookup): Host[] {
  const addresses = listOf(look('hostaddr'));
  const names = listOf(look('host')) ?? addresses ?? ['localhost'];
  const ports = listOf(look('port')) ?? ['5432'];
  refuseOtherCount('hostaddr', addresses, names);
  if (ports.length > 1) refuseOtherCount('port', ports, names);
  return names.map((name, index) => ({
    name: name.replace(/^\[(.*)\]$/, '$1') || 'localhost',
    address: addresses?.[index] || undefined,
    port: portOf(ports[ports.length === 1 ? 0 : index] || '5432'),
  }));
}

function listOf(text: string | undefined): string[] | undefined {
  return text?.split(',').map((item) => item.trim());
}

function refuseOtherCount(
  name: string,
  items: readonly string[] | undefined,
  hosts: readonly string[],
): void {
  if (items === undefined || items.length === hosts.length) return;
  throw new ConnectionSettingError(
    `${name} has ${items.length} entries for ${hosts.length} hosts. Give one for each, with commas between them.`,
  );
}

const MAX_PORT = 65_535;

function portOf(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= MAX_PORT) return port;
  throw new ConnectionSettingError(`port is no number from 1 to ${MAX_PORT}. Correct it.`);
}

function connectTimeoutOf({ connectTimeoutMs }: ConnectionSettings, look: Lookup): number {
  const seconds = wholeNumber('connect_timeout', look);
  return connectTimeoutMs ?? (seconds === undefined ? DEFAULT_CONNECT_TIMEOUT_MS : seconds * 1000);
}

function wholeNumber(name: string, look: Lookup): number | undefined {
  const text = look(name);
  if (text === undefined || /^\d{1,9}$/.test(text))
    return text === undefined ? undefined : Number(text);
  throw new ConnectionSettingError(`${name} is ${JSON.stringify(text)}; expected whole seconds.`);
}

function userOfProcess(): string {
  try {
    return userInfo().username;
  } catch (error) {
    throw new ConnectionSettingError('user is not set, and this process has none. Set it.', error);
  }
}
