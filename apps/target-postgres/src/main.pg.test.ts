import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { createTestDatabase } from '@traffic-events/warehouse/postgres/testing';
import type { TestDatabase } from '@traffic-events/warehouse/postgres/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

const BIN = fileURLToPath(new URL('../bin/target-postgres', import.meta.url));
let database: TestDatabase;
let directory: string;

beforeAll(async () => {
  database = await createTestDatabase();
  directory = await mkdtemp(join(tmpdir(), 'target-postgres-'));
});
afterAll(async () => {
  await database.drop();
  await rm(directory, { recursive: true });
});

async function run(args: readonly string[], input = '', env: Record<string, string> = {}) {
  const child = spawn(BIN, args, { env: { PATH: process.env['PATH'], ...env } });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.once('exit', resolve)),
  ]);
  return { stdout, stderr, code };
}

async function config(settings: object): Promise<string> {
  const file = join(directory, `${Math.random()}.json`);
  await writeFile(file, JSON.stringify(settings));
  return file;
}

const MESSAGES = [
  '{"type":"SCHEMA","stream":"users","key_properties":["id"],"schema":{"properties":{"id":{"type":"integer"},"name":{"type":"string"}}}}',
  '{"type":"RECORD","stream":"users","record":{"id":9007199254740993,"name":"a"}}',
  '{"type":"STATE","value":{"users":9007199254740993}}',
].join('\n');

test('messages become rows, and the state comes out digit by digit', async () => {
  const file = await config({ url: database.url, default_target_schema: 'loaded' });
  const { stdout, code } = await run(['--config', file], MESSAGES);
  expect(code).toBe(0);
  expect(stdout).toBe('{"users":9007199254740993}\n');
  expect(await database.query('SELECT * FROM loaded.users')).toEqual([
    { id: '9007199254740993', name: 'a' },
  ]);
});

test('settings come from the environment as well', async () => {
  const { code } = await run([], MESSAGES, {
    TARGET_POSTGRES_HOST: database.host,
    TARGET_POSTGRES_PORT: String(database.port),
    TARGET_POSTGRES_USER: database.user,
    TARGET_POSTGRES_PASSWORD: database.password,
    TARGET_POSTGRES_DATABASE: database.name,
    TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA: 'from_environment',
  });
  expect(code).toBe(0);
  expect(await database.query('SELECT id FROM from_environment.users')).toHaveLength(1);
});

test('a wrong config is code 2 and names file, key and what is expected, in the log', async () => {
  const file = await config({ port: 'many' });
  const { stderr, code } = await run(['--config', file]);
  expect(code).toBe(2);
  const reason = `${file}: port: expected a whole number, got "many".`;
  expect(JSON.parse(stderr)).toMatchObject({ level: 'error', event: 'run.failed', reason });
  const absent = await run(['--config', '/nowhere.json']);
  expect(absent.code).toBe(2);
  expect(JSON.parse(absent.stderr)).toMatchObject({
    reason: '--config /nowhere.json: cannot be read (ENOENT).',
  });
});

test('variables may stand in a file that is named, which must be there', async () => {
  const file = join(directory, 'cron.env');
  await writeFile(file, 'TARGET_POSTGRES_PORT=many\n');
  const named = await run(['--env-file', file]);
  expect(named.code).toBe(2);
  expect(named.stderr).toContain('TARGET_POSTGRES_PORT: expected a whole number');
  const absent = await run(['--env-file', '/nowhere.env']);
  expect(absent.code).toBe(2);
  expect(absent.stderr).toContain('--env-file /nowhere.env: cannot be read (ENOENT).');
});

test('a warehouse that is down is code 4, with host and database, without the password', async () => {
  const url = 'postgresql://someone:hunter2@127.0.0.1:1/nowhere';
  const { stderr, stdout, code } = await run(['--config', await config({ url })], MESSAGES);
  expect(code).toBe(4);
  expect(stdout).toBe('');
  expect(stderr).toContain('Cannot connect to database nowhere on 127.0.0.1:1 as someone');
  expect(stderr).not.toContain('hunter2');
});

test('wrong arguments are code 2, and said once', async () => {
  const { stderr, code } = await run(['--bogus']);
  expect({ code, stderr }).toEqual({ code: 2, stderr: "error: unknown option '--bogus'\n" });
});

test('a line that is no message is code 5 and is shown', async () => {
  const file = await config({ url: database.url, default_target_schema: 'bad' });
  const { stderr, code } = await run(['--config', file], `${MESSAGES}\nhello`);
  expect(code).toBe(5);
  expect(stderr).toContain('This line is not JSON: hello');
});

test('SIGTERM commits what has arrived, passes its state on, and is code 143', async () => {
  const file = await config({ url: database.url, default_target_schema: 'stopped' });
  const child = spawn(BIN, ['--config', file]);
  child.stdin.write(`${MESSAGES}\n`);
  await expect
    .poll(() => database.query("SELECT to_regclass('stopped.users') AS t"), { timeout: 20_000 })
    .toEqual([{ t: 'stopped.users' }]);
  child.kill('SIGTERM');
  const [stdout, code] = await Promise.all([
    text(child.stdout),
    new Promise((resolve) => child.once('exit', resolve)),
  ]);
  expect({ stdout, code }).toEqual({ stdout: '{"users":9007199254740993}\n', code: 143 });
  expect(await database.query('SELECT 1 FROM stopped.users')).toHaveLength(1);
});

test('--about, --version and --help tell what it is', async () => {
  expect((await run(['--version'])).stdout).toBe('target-postgres 0.1.0\n');
  const about = JSON.parse((await run(['--about', '--format', 'json'])).stdout) as object;
  expect(about).toMatchObject({
    name: 'target-postgres',
    settings: { properties: { password: { secret: true }, default_target_schema: {} } },
  });
  expect((await run(['--about'])).stdout).toContain('TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA');
  expect((await run(['--help'])).stdout).toContain('Examples:');
});

test('a config made for a program of the same name runs as it is, and says what has no effect', async () => {
  const { host, port, user, password, name } = database;
  const elsewhere = { host: '/no/such/socket', port: 1, user: 'no', ssl_mode: 'verify-full' };
  const meltano = {
    ...elsewhere,
    sqlalchemy_url: database.url.replace('postgresql:', 'postgresql+psycopg2:'),
    'dialect+driver': 'postgresql+psycopg2',
    default_target_schema: 'meltano',
    add_record_metadata: true,
    activate_version: false,
    hard_delete: true,
    'ssh_tunnel.enable': false,
    'ssh_tunnel.port': 22,
    stream_maps: { users: {} },
    flattening_enabled: true,
  };
  const certified = {
    host,
    port,
    user,
    password,
    database: name,
    default_target_schema: 'certified',
    ssl_client_certificate_enable: false,
    ssl_client_certificate: '~/.postgresql/postgresql.crt',
    ssl_client_private_key: '~/.postgresql/postgresql.key',
  };
  const pipelinewise = {
    host,
    port,
    user,
    password,
    dbname: name,
    ssl: 'false',
    default_target_schema: 'pipelinewise',
    batch_size_rows: 10,
    add_metadata_columns: true,
    data_flattening_max_level: 0,
    flush_all_streams: true,
    primary_key_required: true,
    parallelism: 4,
    hard_delete: true,
  };
  const deletion = '{"type":"ACTIVATE_VERSION","stream":"users","version":1}';
  const meltanos = await run(['--config', await config(meltano)], `${MESSAGES}\n${deletion}\n`);
  expect(meltanos.code).toBe(0);
  expect(meltanos.stderr).toContain('flattening_enabled');
  expect(meltanos.stderr).not.toContain('ssh_tunnel');
  const others = await run(['--config', await config(pipelinewise)], MESSAGES);
  expect(others.code).toBe(0);
  expect(others.stderr).toContain('primary_key_required');
  expect(others.stderr).not.toContain('data_flattening_max_level');
  const uncertified = await run(['--config', await config(certified)], MESSAGES);
  expect(uncertified.code).toBe(0);
  expect(uncertified.stderr).toContain('ssl_client_certificate_enable is set');
  for (const schema of ['meltano', 'pipelinewise']) {
    expect(await database.query(`SELECT id, _sdc_deleted_at FROM ${schema}.users`)).toEqual([
      { id: '9007199254740993', _sdc_deleted_at: null },
    ]);
  }
});

test.each([
  [{ stream_maps: { users: { name: null } } }, 'stream_maps: streams are not mapped here.'],
  [{ ssh_tunnel: { enable: true, host: 'b' } }, 'ssh_tunnel: tunnels are not made here.'],
  [{ 'ssh_tunnel.enable': true, 'ssh_tunnel.host': 'b' }, 'ssh_tunnel: tunnels are not made here.'],
  [{ 'dialect+driver': 'mysql+pymysql' }, 'dialect+driver: rows are loaded into PostgreSQL only.'],
  [{ database: 'a', dbname: 'b' }, 'dbname: it means database, which is set to something else.'],
  [{ dbnam: 'x' }, 'dbnam: not a setting of target-postgres. Did you mean dbname?'],
  [{ defaut_target_schema: 'x' }, 'Did you mean default_target_schema?'],
])('%j is refused by name', async (settings, problem) => {
  const { stderr, code } = await run(['--config', await config(settings)], MESSAGES);
  expect(code).toBe(2);
  expect(stderr).toContain(problem);
});
