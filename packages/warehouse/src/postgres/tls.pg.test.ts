import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EmbeddedPostgres } from './embedded/embedded-postgres.ts';
import { PostgresConnection } from './connection/postgres-connection.ts';
import type { ConnectionSettings } from './connection/connection-settings.ts';

const run = promisify(execFile);
const hasOpenssl = await run('openssl', ['version']).then(
  () => true,
  () => false,
);
let server: EmbeddedPostgres;
let directory: string;
let sslRootCert: string;

beforeAll(async () => {
  server = await EmbeddedPostgres.start();
  directory = await mkdtemp(join(tmpdir(), 'traffic-events-tls-'));
  sslRootCert = join(directory, 'server.crt');
});
afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true });
});

/** Gives the server a certificate for `localhost`, by its own hand: its files are another user's. */
async function setUpTls(): Promise<void> {
  const key = join(directory, 'server.key');
  const request = 'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost';
  const options = `${request} -addext subjectAltName=DNS:localhost`.split(' ');
  await run('openssl', [...options, '-keyout', key, '-out', sslRootCert]);
  const admin = new pg.Client({ connectionString: server.url() });
  await admin.connect();
  for (const [name, path] of [
    ['server.key', key],
    ['server.crt', sslRootCert],
  ] as const) {
    const lines = pg.escapeLiteral(await readFile(path, 'utf8'));
    await admin.query(
      `COPY (SELECT line FROM regexp_split_to_table(${lines}, E'\\n') AS line)
         TO PROGRAM 'umask 077; cat > ${name}'`,
    );
  }
  await admin.query('ALTER SYSTEM SET ssl = on');
  await admin.query('SELECT pg_reload_conf()');
  await admin.end();
}

async function isEncrypted(settings: ConnectionSettings): Promise<boolean> {
  const connection = await PostgresConnection.open({
    host: 'localhost',
    port: server.port,
    user: server.user,
    password: server.password,
    database: 'postgres',
    ...settings,
  });
  const rows = await connection.rows<{ ssl: boolean }>({
    sql: 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
    parameters: [],
  } as never);
  await connection.close();
  return rows[0]!.ssl;
}

test('without TLS on the server, prefer goes without and require says so', async () => {
  expect(await isEncrypted({ host: '127.0.0.1' })).toBe(false);
  await expect(isEncrypted({ host: '127.0.0.1', sslMode: 'require' })).rejects.toThrow(
    'it does not speak TLS. Set ssl in postgresql.conf, or sslmode to disable.',
  );
});

test.skipIf(!hasOpenssl)('with TLS, each mode checks what libpq checks', async () => {
  await setUpTls();
  await expect.poll(() => isEncrypted({ host: '127.0.0.1' }), { timeout: 10_000 }).toBe(true);
  const host = '127.0.0.1';
  expect(await isEncrypted({ host, sslMode: 'disable' })).toBe(false);
  expect(await isEncrypted({ host, sslMode: 'require' })).toBe(true);
  expect(await isEncrypted({ host, sslMode: 'verify-ca', sslRootCert })).toBe(true);
  expect(await isEncrypted({ sslMode: 'verify-full', sslRootCert })).toBe(true);
  await expect(isEncrypted({ host, sslMode: 'verify-full', sslRootCert })).rejects.toThrow(
    'its certificate is for another host name. Correct host, or set sslmode to verify-ca.',
  );
  await expect(isEncrypted({ host, sslMode: 'verify-ca' })).rejects.toThrow(
    'its certificate is not signed by an authority that is trusted. Set sslrootcert',
  );
});

test.skipIf(!hasOpenssl)('settings of libpq in the url are understood', async () => {
  const root = join(directory, 'root.crt');
  await writeFile(root, await readFile(sslRootCert));
  const url = `${server.url().replace('127.0.0.1', 'localhost')}?sslmode=verify-full&sslrootcert=${root}`;
  const connection = await PostgresConnection.open({ url });
  expect(connection.endpoint).toMatchObject({ host: 'localhost', database: 'postgres' });
  await connection.close();
});
