import { expect, test } from 'vitest';
import { clientConfig, tlsSettings } from './connection-settings.ts';
import { tlsAttempts } from './tls.ts';

test('settings win over the parts of the url', () => {
  const config = clientConfig({
    url: 'postgresql://a:b@h:1/d?sslmode=require&application_name=x',
    password: 'p@ss/word',
    port: 2,
    database: 'x y',
  });
  expect(config.connectionString).toBe('postgresql://a:p%40ss%2Fword@h:2/x%20y?application_name=x');
});

test('what is not set is left to the environment', () => {
  expect(clientConfig({ host: 'h', connectTimeoutMs: 5, lockTimeoutMs: 6 })).toEqual({
    host: 'h',
    connectionTimeoutMillis: 5,
    keepAlive: true,
    lock_timeout: 6,
  });
});

test.each(['mysql://a@b/c', 'host=a password=hunter2'])('%s is no url, and is not shown', (url) => {
  expect(() => clientConfig({ url })).toThrow('url is not a PostgreSQL URL. Write postgresql://');
  expect(() => clientConfig({ url })).not.toThrow('hunter2');
});

test('TLS is as the setting says, else the url, else the environment, else prefer', () => {
  const url = 'postgresql://h/d?sslmode=require&sslrootcert=in-url.pem';
  const env = { PGSSLMODE: 'verify-full', PGSSLROOTCERT: 'in-env.pem' };
  expect(tlsSettings({ url, sslMode: 'disable' }, env)).toMatchObject({ mode: 'disable' });
  expect(tlsSettings({ url }, env)).toMatchObject({ mode: 'require', rootCert: 'in-url.pem' });
  expect(tlsSettings({}, env)).toMatchObject({ mode: 'verify-full', rootCert: 'in-env.pem' });
  expect(tlsSettings({}, {})).toMatchObject({ mode: 'prefer' });
  expect(() => tlsSettings({ sslMode: 'on' }, {})).toThrow(
    'sslmode is "on"; expected one of disable, allow, prefer, require, verify-ca, verify-full.',
  );
});

test('each mode connects as libpq does', async () => {
  const none = { rootCert: undefined, cert: undefined, key: undefined };
  const attempts = (mode: 'disable' | 'prefer' | 'require' | 'verify-full') =>
    tlsAttempts({ ...none, mode });
  expect(await attempts('disable')).toEqual([false]);
  expect(await attempts('prefer')).toEqual([{ rejectUnauthorized: false }, false]);
  expect(await attempts('require')).toEqual([{ rejectUnauthorized: false }]);
  expect(await attempts('verify-full')).toEqual([{ rejectUnauthorized: true }]);
  await expect(tlsAttempts({ ...none, mode: 'verify-ca', rootCert: '/nowhere' })).rejects.toThrow(
    'sslrootcert: cannot read /nowhere. Correct the path.',
  );
});
