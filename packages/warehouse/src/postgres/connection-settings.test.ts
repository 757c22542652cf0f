import { expect, test } from 'vitest';
import { clientConfig } from './connection-settings.ts';

test('settings win over the parts of the url', () => {
  const config = clientConfig({
    url: 'postgresql://a:b@h:1/d?sslmode=require',
    password: 'p@ss/word',
    port: 2,
    database: 'x y',
  });
  expect(config.connectionString).toBe('postgresql://a:p%40ss%2Fword@h:2/x%20y?sslmode=require');
});

test('what is not set is left to the environment', () => {
  expect(clientConfig({ host: 'h', connectTimeoutMs: 5 })).toEqual({
    host: 'h',
    connectionTimeoutMillis: 5,
    keepAlive: true,
  });
});

test.each(['mysql://a@b/c', 'host=a password=hunter2'])('%s is no url, and is not shown', (url) => {
  expect(() => clientConfig({ url })).toThrow('url is not a PostgreSQL URL. Write postgresql://');
  expect(() => clientConfig({ url })).not.toThrow('hunter2');
});
