import { createServer, connect as connectTo } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PostgresConnection } from './connection/postgres-connection.ts';
import type { ConnectionSettings } from './connection/connection-settings.ts';
import { createTestDatabase } from './testing/test-database.ts';
import type { TestDatabase } from './testing/test-database.ts';

let database: TestDatabase;
let folder: string;
const servers: Server[] = [];
const sockets = new Set<Socket>();

beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'traffic-events-socket-'));
  await database.query("CREATE ROLE loader LOGIN PASSWORD 'p@ss:w/rd%'");
  await database.query("CREATE ROLE reading LOGIN PASSWORD 'r'");
  await database.query('ALTER ROLE reading SET default_transaction_read_only = on');
  // The server listens on no socket: what comes to this one is passed on.
  await listen(join(folder, `.s.PGSQL.${database.port}`), (socket) => {
    const onward = connectTo(database.port, database.host).on('error', () => {});
    socket.pipe(onward).pipe(socket);
  });
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  await database.query('DROP OWNED BY loader, reading');
  await database.query('DROP ROLE loader, reading');
  await database.drop();
  await rm(folder, { recursive: true });
});

async function listen(where: string | number, take: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    take(socket);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(where, resolve));
  return (server.address() as AddressInfo).port;
}

async function userOf(settings: ConnectionSettings): Promise<string> {
  const connection = await PostgresConnection.open(settings);
  const [row] = await connection.rows<{ name: string }>({
    sql: "SELECT current_user || ' ' || current_database() AS name",
    parameters: [],
  } as never);
  await connection.close();
  return row!.name;
}

test('a socket is found by the url, and the settings say who comes', async () => {
  const url = `postgresql:///${database.name}?host=${folder}&port=${database.port}`;
  const own = { user: 'loader', password: 'p@ss:w/rd%' };
  expect(await userOf({ url, ...own })).toBe(`loader ${database.name}`);
  expect(await userOf({ host: folder, port: database.port, database: database.name, ...own })).toBe(
    `loader ${database.name}`,
  );
  await expect(userOf({ url, ...own, password: 'wrong' })).rejects.toThrow(
    `Cannot connect to database ${database.name} on ${folder}:${database.port} as loader: the password was refused.`,
  );
});

test.each([
  ['fd00::1', 'on [fd00::1]:'],
  ['/no/such/socket', 'there is no such socket. Correct host and port.'],
  ['bad host', 'the host name is not known. Correct host.'],
])('the host %j wins over that of the url, though nothing is there', async (host, problem) => {
  await expect(userOf({ url: database.url, host, connectTimeoutMs: 200 })).rejects.toThrow(problem);
});

test('what a url cannot say without encoding is said by settings, and by a password file', async () => {
  const encoded = encodeURIComponent('p@ss:w/rd%');
  const at = `${database.host}:${database.port}/${database.name}`;
  expect(await userOf({ url: `postgresql://loader:${encoded}@${at}` })).toContain('loader');
  const passFile = join(folder, 'pass file');
  await writeFile(passFile, `# comment\n*:1:*:loader:no\n*:*:*:loader:p@ss\\:w/rd%\n`);
  const url = `postgresql://loader@${at}?passfile=${encodeURIComponent(passFile)}`;
  await chmod(passFile, 0o644);
  await expect(userOf({ url })).rejects.toThrow(`others than its owner may use ${passFile}`);
  await chmod(passFile, 0o600);
  expect(await userOf({ url })).toContain('loader');
  await expect(userOf({ url: `postgresql://reading@${at}` })).rejects.toThrow(
    'it asks for a password. Set password.',
  );
});

test('of several hosts the first that answers and is what was asked for is taken', async () => {
  const silent = await listen(0, () => {});
  const own = `${database.user}:${database.password}`;
  const all = (query: string, user = own) =>
    `postgresql://${user}@127.0.0.1:1,${database.host}:${database.port}/${database.name}?${query}`;
  const withSilent = all('connect_timeout=1').replace('127.0.0.1:1', `127.0.0.1:${silent}`);
  expect(await userOf({ url: withSilent })).toContain(database.user);
  expect(await userOf({ url: all('target_session_attrs=read-write') })).toContain(database.user);
  expect(await userOf({ url: all('target_session_attrs=prefer-standby') })).toContain(
    database.user,
  );
  expect(await userOf({ url: all('target_session_attrs=read-only', 'reading:r') })).toContain(
    'reading',
  );
  const failure = userOf({ url: all('target_session_attrs=read-write', 'reading:r') });
  await expect(failure).rejects.toThrow(/^None of 2 hosts will do\.\n.*nothing listens there/);
  await expect(failure).rejects.toThrow('target_session_attrs=read-write, which it is not.');
  await expect(userOf({ url: all('', 'loader:wrong') })).rejects.toThrow(
    'the password was refused',
  );
});

test('settings of the session win over those of the role, 0 included', async () => {
  await database.query("ALTER ROLE loader SET statement_timeout = '50ms'");
  const url = database.url;
  const own = { url, user: 'loader', password: 'p@ss:w/rd%' };
  const nap = { sql: 'SELECT pg_sleep(0.2)', parameters: [] } as never;
  for (const [statementTimeoutMs, ends] of [
    [0, true],
    [undefined, false],
  ] as const) {
    const connection = await PostgresConnection.open({ ...own, statementTimeoutMs });
    const slept = connection.rows(nap).then(
      () => true,
      () => false,
    );
    expect(await slept).toBe(ends);
    await connection.close();
  }
  const options = await PostgresConnection.open({ url: `${url}?options=-c%20work_mem%3D77MB` });
  const shown = { sql: 'SHOW work_mem', parameters: [] } as never;
  expect(await options.rows(shown)).toEqual([{ work_mem: '77MB' }]);
  await options.close();
});

test('a stop ends the waiting for a server that says nothing', async () => {
  const silent = await listen(0, () => {});
  const stopping = new AbortController();
  setTimeout(() => stopping.abort(), 100);
  const url = `postgresql://u:hunter2@127.0.0.1:${silent}/d`;
  const failure = PostgresConnection.open({ url }, { signal: stopping.signal });
  await expect(failure).rejects.toThrow(
    `Stopped before database d on 127.0.0.1:${silent} had answered. Nothing was loaded.`,
  );
});
