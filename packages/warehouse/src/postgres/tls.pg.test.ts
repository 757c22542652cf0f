import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { EmbeddedPostgres } from './embedded/embedded-postgres.ts';
import { PostgresConnection } from './connection/postgres-connection.ts';
import type { ConnectionSettings } from './connection/connection-settings.ts';

const run = promisify(execFile);
const hasOpenssl = await run('openssl', ['version']).then(
  () => true,
  () => false,
);
let server: EmbeddedPostgres;
let admin: pg.Client;
let directory: string;
const file = (name: string) => join(directory, name);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'traffic-events-tls-'));
  server = await EmbeddedPostgres.start();
  admin = new pg.Client({ connectionString: server.url() });
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await server.stop();
  await rm(directory, { recursive: true });
});

const openssl = (...args: readonly string[]) => run('openssl', args);
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

async function makeAuthority(name: string): Promise<void> {
  const subject = ['-days', '2', '-subj', `/CN=${name}`];
  const files = ['-keyout', file(`${name}.key`), '-out', file(`${name}.crt`)];
  await openssl('req', '-x509', ...newKey, ...subject, ...files);
}

/** A certificate that an authority has signed. */
async function makeCertificate(name: string, authority: string, extension: string): Promise<void> {
  const files = ['-keyout', file(`${name}.key`), '-out', file(`${name}.csr`)];
  await openssl('req', ...newKey, '-subj', `/CN=${name}`, ...files);
  await writeFile(file(`${name}.ext`), extension);
  const signer = ['-CA', file(`${authority}.crt`), '-CAkey', file(`${authority}.key`)];
  const out = ['-CAcreateserial', '-days', '2', '-extfile', file(`${name}.ext`)];
  await openssl(
    'x509',
    '-req',
    '-in',
    file(`${name}.csr`),
    ...signer,
    ...out,
    '-out',
    file(`${name}.crt`),
  );
}

/** Writes a file of the server by its own hand: its files are another user's. */
async function give(name: string, text: string): Promise<void> {
  const lines = pg.escapeLiteral(text);
  await admin.query(
    `COPY (SELECT line FROM regexp_split_to_table(${lines}, E'\\n') AS line)
       TO PROGRAM 'umask 077; cat > ${name}'`,
  );
}

const HBA = `host postgres postgres all password
hostssl all clear all password
hostssl all scram all scram-sha-256
hostssl all certified all cert
hostnossl all plain all scram-sha-256
hostssl all encrypted all scram-sha-256
`;

async function setUpTls(): Promise<void> {
  await makeAuthority('right');
  await makeAuthority('wrong');
  await makeCertificate('server', 'right', 'subjectAltName=DNS:localhost');
  await makeCertificate('certified', 'right', 'keyUsage=digitalSignature');
  await give('server.key', await readFile(file('server.key'), 'utf8'));
  await give('server.crt', await readFile(file('server.crt'), 'utf8'));
  await give('root.crt', await readFile(file('right.crt'), 'utf8'));
  await give('pg_hba.conf', HBA);
  for (const role of ['clear', 'scram', 'certified', 'plain', 'encrypted'])
    await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
  await admin.query("ALTER SYSTEM SET ssl_ca_file = 'root.crt'");
  await admin.query('ALTER SYSTEM SET ssl = on');
  await admin.query('SELECT pg_reload_conf()');
}

/** How a connection came about. */
async function sessionOf(settings: ConnectionSettings): Promise<{ ssl: boolean; user: string }> {
  const connection = await PostgresConnection.open({
    host: 'localhost',
    port: server.port,
    user: server.user,
    password: settings.user === undefined ? server.password : 'secret',
    database: 'postgres',
    ...settings,
  });
  const rows = await connection.rows<{ ssl: boolean; user: string }>({
    sql: 'SELECT ssl, current_user AS user FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
    parameters: [],
  } as never);
  await connection.close();
  return rows[0]!;
}
const isEncrypted = async (settings: ConnectionSettings) => (await sessionOf(settings)).ssl;
/** The same by a url; `query` is what stands behind its ?. */
const byUrl = (query: string, host = 'localhost') =>
  isEncrypted({
    url: `${server.url().replace('127.0.0.1', host)}?${query}`,
    host: undefined,
    port: undefined,
    user: undefined,
    password: undefined,
    database: undefined,
  });

const byUser = (user: string, query: string) =>
  isEncrypted({
    url: `postgresql://${user}:secret@localhost:${server.port}/postgres?${query}`,
    user: undefined,
    password: undefined,
  });

test('without TLS on the server, prefer and allow go without and the others say so', async () => {
  expect(await isEncrypted({ host: '127.0.0.1' })).toBe(false);
  expect(await isEncrypted({ sslMode: 'allow' })).toBe(false);
  for (const sslMode of ['require', 'verify-full']) {
    await expect(
      isEncrypted({ sslMode, ...(sslMode === 'require' ? {} : { sslRootCert: 'system' }) }),
    ).rejects.toThrow('it does not speak TLS. Set ssl in postgresql.conf, or sslmode to disable.');
  }
});

describe.skipIf(!hasOpenssl)('with TLS on the server', () => {
  const UNTRUSTED = 'its certificate is not signed by an authority that is trusted';
  const OTHER_HOST = 'its certificate is for another host name';

  beforeAll(async () => {
    await setUpTls();
    await vi.waitUntil(() => isEncrypted({}), { timeout: 10_000, interval: 50 });
  });

  test.each([
    [{ sslMode: 'disable' }, false],
    [{ sslMode: 'allow' }, false],
    [{ sslMode: 'prefer' }, true],
    [{ sslMode: 'require' }, true],
    [{ sslMode: 'require', sslRootCert: 'right.crt' }, true],
    [{ sslMode: 'require', sslRootCert: 'wrong.crt' }, UNTRUSTED],
    [{ sslMode: 'prefer', sslRootCert: 'wrong.crt' }, UNTRUSTED],
    [{ sslMode: 'verify-ca' }, 'sslmode=verify-ca needs the certificate of an authority.'],
    [{ sslMode: 'verify-full' }, 'sslmode=verify-full needs the certificate of an authority.'],
    [{ sslMode: 'verify-ca', sslRootCert: '/nowhere' }, 'sslrootcert: cannot read /nowhere.'],
    [{ sslMode: 'verify-ca', sslRootCert: 'right.crt', host: '127.0.0.1' }, true],
    [{ sslMode: 'verify-ca', sslRootCert: 'wrong.crt' }, UNTRUSTED],
    [{ sslMode: 'verify-full', sslRootCert: 'right.crt' }, true],
    [{ sslMode: 'verify-full', sslRootCert: 'wrong.crt' }, UNTRUSTED],
    [{ sslMode: 'verify-full', sslRootCert: 'right.crt', host: '127.0.0.1' }, OTHER_HOST],
    [{ sslRootCert: 'system' }, UNTRUSTED],
  ])('%j ends as libpq ends it', async (settings: ConnectionSettings, end) => {
    const root = settings.sslRootCert;
    const sslRootCert = root?.endsWith('.crt') === true ? file(root) : root;
    const connecting = isEncrypted({ ...settings, sslRootCert });
    if (typeof end === 'string') await expect(connecting).rejects.toThrow(end);
    else expect(await connecting).toBe(end);
  });

  test('a url says the same', async () => {
    const right = `sslrootcert=${file('right.crt')}`;
    expect(await byUrl(`sslmode=verify-full&${right}`)).toBe(true);
    expect(await byUrl(`ssl=true&${right}`, '127.0.0.1')).toBe(true);
    await expect(byUrl(`ssl=true&sslrootcert=${file('wrong.crt')}`)).rejects.toThrow(UNTRUSTED);
    await expect(byUrl(`sslmode=verify-full&${right}`, '127.0.0.1')).rejects.toThrow(OTHER_HOST);
    expect(await byUrl('ssl=false')).toBe(false);
    expect(await byUrl(`sslmode=verify-full&${right}&hostaddr=127.0.0.1`)).toBe(true);
    await expect(
      byUrl(`sslmode=verify-full&${right}&hostaddr=127.0.0.1`, 'other.example'),
    ).rejects.toThrow(OTHER_HOST);
    expect(await byUrl('sslmode=require&sslnegotiation=direct')).toBe(true);
    await expect(byUrl('sslmode=require&ssl_max_protocol_version=TLSv1.1')).rejects.toThrow(
      'Cannot connect to database postgres on localhost',
    );
  });

  test('what only takes encrypted sessions, or none, gets what it takes', async () => {
    expect(await isEncrypted({ user: 'plain' })).toBe(false);
    expect(await isEncrypted({ user: 'encrypted', sslMode: 'allow' })).toBe(true);
    await expect(isEncrypted({ user: 'plain', sslMode: 'require' })).rejects.toThrow(
      'the user was refused',
    );
  });

  test('a certificate of the client stands for its password', async () => {
    const sslCert = file('certified.crt');
    const own = { user: 'certified', password: undefined, sslMode: 'require', sslCert };
    expect(await sessionOf({ ...own, sslKey: file('certified.key') })).toEqual({
      ssl: true,
      user: 'certified',
    });
    await expect(sessionOf(own)).rejects.toThrow('sslcert is set, but not the key to it');
  });

  test('channel_binding=require takes SCRAM over TLS and nothing else', async () => {
    const as = (user: string) => byUser(user, 'channel_binding=require');
    expect(await as('scram')).toBe(true);
    await expect(as('clear')).rejects.toThrow(
      'channel_binding=require, but the server does not bind',
    );
    await expect(byUser('plain', 'sslmode=disable&channel_binding=require')).rejects.toThrow(
      'sslmode=disable is too weak for channel_binding=require',
    );
    await expect(as('certified')).rejects.toThrow(/channel_binding|user was refused/);
    expect(await byUser('scram', 'require_auth=scram-sha-256')).toBe(true);
    await expect(byUser('clear', 'require_auth=scram-sha-256')).rejects.toThrow(
      'the server asks for password, which require_auth=scram-sha-256 does not allow.',
    );
    await expect(byUser('clear', 'require_auth=!password')).rejects.toThrow('does not allow');
  });
});
