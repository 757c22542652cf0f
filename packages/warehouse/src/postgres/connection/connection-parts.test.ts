import { describe, expect, test } from 'vitest';
import { ConnectionSettingError } from '../../errors.ts';
import { connectionParts } from './connection-parts.ts';
import type { ConnectionSettings } from './connection-settings.ts';

const partsOf = (settings: ConnectionSettings, env = {}) => connectionParts(settings, env);
const hostsOf = (url: string, settings: ConnectionSettings = {}) =>
  partsOf({ url, ...settings }).hosts.map(({ name, address, port }) =>
    [name, address, port].filter((part) => part !== undefined),
  );
const problemOf = (settings: ConnectionSettings, env = {}): string => {
  try {
    partsOf(settings, env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConnectionSettingError);
    return (error as Error).message;
  }
  return 'none';
};

describe('a url', () => {
  test.each([
    ['postgresql://', [['localhost', 5432]]],
    ['postgres://h', [['h', 5432]]],
    ['postgresql://u@[fd00::1]:5433/d', [['fd00::1', 5433]]],
    [
      'postgresql://u@[fd00::1],h:2/d',
      [
        ['fd00::1', 5432],
        ['h', 2],
      ],
    ],
    [
      'postgresql://a:1,b:2,c/d',
      [
        ['a', 1],
        ['b', 2],
        ['c', 5432],
      ],
    ],
    [
      'postgresql://a,b/d?port=6',
      [
        ['a', 6],
        ['b', 6],
      ],
    ],
    ['postgresql://%2Fvar%2Frun/d', [['/var/run', 5432]]],
    ['postgresql:///d?host=/var/run&port=7', [['/var/run', 7]]],
    ['postgresql://h/d?hostaddr=10.0.0.1', [['h', '10.0.0.1', 5432]]],
    ['postgresql:///d?hostaddr=10.0.0.1', [['10.0.0.1', '10.0.0.1', 5432]]],
  ])('%s leads to %j', (url, hosts) => {
    expect(hostsOf(url)).toEqual(hosts);
  });

  test('is percent-encoded in every part', () => {
    const url = 'postgresql://us%20er:p%40s%2Fs%3A%25@h/my%20d%C3%A4ta?application_name=a%20b';
    expect(partsOf({ url })).toMatchObject({
      user: 'us er',
      password: 'p@s/s:%',
      database: 'my däta',
      applicationName: 'a b',
    });
  });

  test('may give user, password and database as parameters', () => {
    const url = 'postgresql://h?user=u&password=p%26w&dbname=d';
    expect(partsOf({ url })).toMatchObject({ user: 'u', password: 'p&w', database: 'd' });
  });

  test.each([
    ['mysql://a@b/c', 'url is not a PostgreSQL URL. Write postgresql://'],
    ['host=a password=hunter2', 'url is not a PostgreSQL URL. Write postgresql://'],
    ['postgresql://u:hun@ter2@h/d', 'Write @ as %40 and / as %2F'],
    ['postgresql://u:hun/ter2@h/d', 'Write @ as %40 and / as %2F'],
    ['postgresql://u:hun@t/er2@h/d', 'Write @ as %40 and / as %2F'],
    ['postgresql://u:hunter2@h:p:1/d', 'what follows host 1 is no port'],
    ['postgresql://u:hunter2?a/b@h/d', 'what follows host 1 is no port'],
    ['postgresql://u:1?hunter2=a/b@h/d', 'what stands behind its ? is no parameter'],
    ['postgresql://u:hunter2%@h/d', 'the percent-encoding of its password is broken'],
    ['postgresql://u:hunter2%00@h/d', 'the percent-encoding of its password is broken'],
    ['postgresql://u:p@h/d?hunter2', 'a parameter without a value'],
  ])('%s is refused, and nothing of it is shown', (url, problem) => {
    const message = problemOf({ url });
    expect(message).toContain(problem);
    expect(message).not.toMatch(/hun|ter2/);
  });

  test.each([
    ['sslmod=require', 'url: sslmod is no parameter of a connection. Did you mean sslmode?'],
    ['schema=public', 'url: schema is no parameter of a connection.'],
    ['service=x', 'service is refused: services are not read here'],
    ['keepalives_count=3', 'keepalives_count is refused'],
    ['sslsni=0', 'sslsni is "0"; expected 1.'],
    ['sslmode=no-verify', 'sslmode is "no-verify"; expected one of disable, allow, prefer,'],
    ['channel_binding=yes', 'channel_binding is "yes"; expected one of disable, prefer, require.'],
    ['target_session_attrs=rw', 'target_session_attrs is "rw"; expected one of any, read-write'],
    ['connect_timeout=soon', 'connect_timeout is "soon"; expected whole seconds.'],
    ['ssl=no-verify', 'ssl is "no-verify"; expected true or false'],
    ['sslmode=verify-full&ssl=0', 'ssl=0 contradicts sslmode=verify-full.'],
    ['sslmode=disable&ssl=true', 'ssl=true contradicts sslmode=disable.'],
    ['sslmode=disable&sslmode=require', 'url gives sslmode twice, with different values.'],
    ['host=other', 'url gives host twice, with different values.'],
    ['sslrootcert=system&sslmode=require', 'sslmode=require is too weak for sslrootcert=system.'],
    [
      'channel_binding=require&sslmode=disable',
      'sslmode=disable is too weak for channel_binding=require.',
    ],
    ['sslnegotiation=direct', 'sslmode=prefer is too weak for sslnegotiation=direct.'],
    ['port=1,2', 'port has 2 entries for 1 hosts.'],
    ['port=0', 'port is no number from 1 to 65535.'],
  ])('with ?%s is refused by name', (query, problem) => {
    expect(problemOf({ url: `postgresql://h/d?${query}` })).toContain(problem);
  });

  test.each([
    ['', 'prefer'],
    ['ssl=true', 'require'],
    ['ssl=1&sslmode=verify-full', 'verify-full'],
    ['ssl=false', 'disable'],
    ['sslrootcert=system', 'verify-full'],
    ['sslmode=allow', 'allow'],
  ])('with ?%s has sslmode %s', (query, mode) => {
    expect(partsOf({ url: `postgresql://h/d?${query}` }).tls.mode).toBe(mode);
  });
});

describe('settings win over the parts of the url', () => {
  const url = 'postgresql://a:b@h:1/d?hostaddr=10.0.0.1&sslmode=require&sslrootcert=in-url.pem';

  test.each([
    [{ host: 'other' }, { hosts: [{ name: 'other', address: undefined, port: 1 }] }],
    [{ host: 'fd00::1' }, { hosts: [{ name: 'fd00::1', address: undefined, port: 1 }] }],
    [
      { host: '/no/such/socket' },
      { hosts: [{ name: '/no/such/socket', address: undefined, port: 1 }] },
    ],
    [{ host: 'bad host' }, { hosts: [{ name: 'bad host', address: undefined, port: 1 }] }],
    [{ port: 2 }, { hosts: [{ name: 'h', address: '10.0.0.1', port: 2 }] }],
    [
      { user: 'us er', password: 'p@s/s' },
      { user: 'us er', password: 'p@s/s' },
    ],
    [{ database: 'x y/z' }, { database: 'x y/z' }],
    [{ sslMode: 'disable' }, { tls: { mode: 'disable', rootCert: 'in-url.pem' } }],
    [{ sslRootCert: 'own.pem' }, { tls: { mode: 'require', rootCert: 'own.pem' } }],
    [{ connectTimeoutMs: 5 }, { connectTimeoutMs: 5 }],
  ])('%j', (settings, parts) => {
    expect(partsOf({ url, ...settings })).toMatchObject(parts);
  });

  test('and the url over the environment', () => {
    const env = {
      PGHOST: 'e',
      PGHOSTADDR: '10.0.0.2',
      PGUSER: 'e',
      PGSSLMODE: 'verify-full',
      PGCONNECT_TIMEOUT: '3',
    };
    const parts = partsOf({ url: 'postgresql://a@h/d' }, env);
    expect(parts).toMatchObject({
      user: 'a',
      connectTimeoutMs: 3000,
      tls: { mode: 'verify-full' },
    });
    expect(parts.hosts).toEqual([{ name: 'h', address: undefined, port: 5432 }]);
    expect(partsOf({}, env).hosts).toEqual([{ name: 'e', address: '10.0.0.2', port: 5432 }]);
    expect(problemOf({}, { PGSERVICE: 'x' })).toContain('PGSERVICE is refused');
    expect(problemOf({}, { PGSSLMODE: 'on' })).toContain('PGSSLMODE is "on"; expected one of');
  });
});
