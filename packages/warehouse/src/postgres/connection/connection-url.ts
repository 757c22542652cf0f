import { ConnectionSettingError } from '../../errors.ts';
import { refuseUnknown } from './known-parameters.ts';

/** Values by the names that libpq has for parameters. */
export type Parameters = ReadonlyMap<string, string>;

const SCHEME = /^postgres(?:ql)?:\/\//;
/** Up to the first @ or /, as libpq looks for them. */
const CREDENTIALS = /^([^@/]*)@/;
const BRACKETED = /^\[([^\]]*)\](?::(.*))?$/s;
const PLAIN = /^([^:]*)(?::(.*))?$/s;

/**
 * The parameters that a URL gives, by libpq's rules. What is wrong is told without the text: it may
 * be a part of a password.
 * https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-CONNSTRING-URIS
 */
export function parseConnectionUrl(url: string): Parameters {
  const scheme = SCHEME.exec(url);
  if (scheme === null) {
    throw new ConnectionSettingError(
      'url is not a PostgreSQL URL. Write postgresql://user:password@host:port/database, with special characters percent-encoded.',
    );
  }
  const rest = url.slice(scheme[0].length);
  const [matched = '', credentials] = CREDENTIALS.exec(rest) ?? [];
  const [address, query] = cut(rest.slice(matched.length), '?');
  if (address.includes('@')) {
    throw new ConnectionSettingError(
      'url has an @ or a / in its user or password that is not percent-encoded. Write @ as %40 and / as %2F, also in the name of the database.',
    );
  }
  const given = new GivenParameters();
  const [user, password] = cut(credentials ?? '', ':');
  given.set('user', decoded(user, 'user'));
  given.set('password', decoded(password, 'password'));
  const [place, database] = cut(address, '/');
  readHosts(place, given);
  given.set('dbname', decoded(database, 'database'));
  readQuery(query, given);
  return given.values;
}

/** Collects what a URL gives; what is empty is not given. */
class GivenParameters {
  readonly values = new Map<string, string>();

  set(name: string, value: string): void {
    if (value === '') return;
    const known = this.values.get(name);
    if (known !== undefined && known !== value)
      throw new ConnectionSettingError(`url gives ${name} twice, with different values.`);
    this.values.set(name, value);
  }
}

function readHosts(place: string, given: GivenParameters): void {
  const hosts = place.split(',').map((text, index) => {
    const [, host, port = ''] = (text.startsWith('[') ? BRACKETED : PLAIN).exec(text) ?? [];
    if (host === undefined || !/^\d*$/.test(port)) {
      throw new ConnectionSettingError(
        `url: what follows host ${index + 1} is no port. Write host:port, an IPv6 address in brackets, and a : of user or password as %3A.`,
      );
    }
    return { host: decoded(host, 'host'), port };
  });
  if (hosts.some(({ host }) => host !== ''))
    given.set('host', hosts.map(({ host }) => host).join(','));
  if (hosts.some(({ port }) => port !== ''))
    given.set('port', hosts.map(({ port }) => port).join(','));
}

function readQuery(query: string, given: GivenParameters): void {
  for (const pair of query.split('&').filter(Boolean)) {
    const [encodedName, value] = cut(pair, '=');
    if (!pair.includes('='))
      throw new ConnectionSettingError('url has a parameter without a value. Write name=value.');
    const name = decoded(encodedName, 'parameters');
    if (name !== 'ssl') refuseUnknown(name, !query.includes('@'));
    given.set(name, decoded(value, 'parameters'));
  }
  const isTls = given.values.get('ssl');
  if (isTls === undefined) return;
  given.values.delete('ssl');
  given.set('sslmode', modeOf(isTls, given.values.get('sslmode')));
}

const YES = new Set(['true', '1', 'on', 'yes']);
const NO = new Set(['false', '0', 'off', 'no']);

/** `ssl` is not libpq's, but JDBC's and node-postgres's; it may stand beside a mode that it agrees with. */
function modeOf(ssl: string, mode: string | undefined): string {
  const isYes = YES.has(ssl);
  if (!isYes && !NO.has(ssl)) {
    throw new ConnectionSettingError(
      `ssl is ${JSON.stringify(ssl)}; expected true or false, or leave it out and set sslmode.`,
    );
  }
  if (mode === undefined) return isYes ? 'require' : 'disable';
  const isAgreed = isYes ? /^(?:require|verify-\w+)$/.test(mode) : mode === 'disable';
  if (isAgreed) return mode;
  throw new ConnectionSettingError(
    `ssl=${ssl} contradicts sslmode=${mode}. Leave ssl out: sslmode says all of it.`,
  );
}

/** The two sides of the first `mark`; the second is empty where there is none. */
function cut(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + mark.length)];
}

function decoded(text: string, part: string): string {
  try {
    const plain = decodeURIComponent(text);
    if (!plain.includes('\0')) return plain;
  } catch {
    // Said below, without the text.
  }
  throw new ConnectionSettingError(
    `url: the percent-encoding of its ${part} is broken. Write % itself as %25.`,
  );
}
