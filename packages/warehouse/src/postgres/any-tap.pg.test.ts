import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { LoadRules } from '../messages/load-rules.ts';
import { loadLines } from './testing/load-lines.ts';
import { createTestDatabase } from './testing/test-database.ts';
import type { TestDatabase } from './testing/test-database.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(() => database.query('DROP SCHEMA IF EXISTS traffic_events CASCADE'));

const schema = (properties: object, keys: readonly string[] = ['id'], stream = 's') =>
  JSON.stringify({ type: 'SCHEMA', stream, schema: { properties }, key_properties: keys });
/** `record` is JSON text, so that digits stay what they are. */
const record = (text: string, stream = 's') =>
  `{"type":"RECORD","stream":"${stream}","record":${text}}`;
const succeed = async (lines: readonly string[], rules: Partial<LoadRules> = {}) => {
  const outcome = await loadLines(lines, { connection: { url: database.url }, rules });
  expect(outcome.failure).toBeUndefined();
};
const table = (name = 's') => database.query(`SELECT * FROM traffic_events."${name}" ORDER BY 1`);

const dated = (format: string) =>
  schema({ id: { type: 'integer' }, b: { type: 'string', format } });

test('a date column becomes one of instants, and keeps every value', async () => {
  await succeed([
    dated('date'),
    record('{"id":1,"b":"2026-01-31"}'),
    dated('date-time'),
    record('{"id":2,"b":"2026-01-31T06:00:00Z"}'),
  ]);
  expect(await table()).toEqual([
    { id: '1', b: new Date('2026-01-31T00:00:00Z') },
    { id: '2', b: new Date('2026-01-31T06:00:00Z') },
  ]);
});

test('decimals of any length keep their digits, inside of JSON too', async () => {
  await succeed([
    schema({ id: { type: 'integer' }, amount: { type: 'number' }, anything: {} }),
    record(
      '{"id":1,"amount":123456789012345678901234567890.12345678901234567890123456789,"anything":{"deep":[0.1234567890123456789]}}',
    ),
  ]);
  expect(await database.query('SELECT amount::text, anything::text FROM traffic_events.s')).toEqual(
    [
      {
        amount: '123456789012345678901234567890.12345678901234567890123456789',
        anything: '{"deep": [0.1234567890123456789]}',
      },
    ],
  );
});

test('a table that is overwritten leaves nothing beside it', async () => {
  const users = schema({ id: { type: 'integer' } });
  await succeed([users, record('{"id":1}')], { method: 'overwrite' });
  expect(await table()).toEqual([{ id: '1' }]);
  const left = await database.query("SELECT 1 FROM pg_class WHERE relname LIKE '%stage%'");
  expect(left).toEqual([]);
});

const key = (length: number) => randomBytes(length / 2).toString('hex');

test('a key that is too long for its index is refused by name, and one that PostgreSQL shrinks is taken', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'long-keys-'));
  const path = join(directory, 'dead.jsonl');
  const [long, longer] = [key(3000), key(9000)];
  await succeed(
    [
      schema({ id: { type: 'string' }, n: { type: 'integer' } }),
      ...[long, 'a'.repeat(9000), longer, 'b'].map((id, n) => record(JSON.stringify({ id, n }))),
    ],
    { deadLetters: { path, limit: 2 } },
  );
  const letters = (await readFile(path, 'utf8')).trim().split('\n');
  await rm(directory, { recursive: true });
  expect(letters.map((line) => JSON.parse(line) as object)).toMatchObject([
    { stream: 's', property: 'id', record: { id: long, n: 0 } },
    { stream: 's', property: 'id', record: { id: longer, n: 2 } },
  ]);
  expect(await database.query('SELECT n FROM traffic_events.s ORDER BY n')).toEqual([
    { n: '1' },
    { n: '3' },
  ]);
});

test('long names, reserved words and odd characters are kept apart', async () => {
  const long = 'x'.repeat(80);
  const names = [`${long}1`, `${long}2`, 'select', 'a"b', 'ü;--', 'Case', 'case'];
  const properties = Object.fromEntries(names.map((name) => [name, { type: 'integer' }]));
  await succeed([
    schema(properties, [`${long}1`], long),
    record(JSON.stringify(Object.fromEntries(names.map((name, index) => [name, index]))), long),
  ]);
  const [{ name }] = (await database.query(
    "SELECT relname AS name FROM pg_class WHERE relname LIKE 'xxx%' AND relkind = 'r'",
  )) as [{ name: string }];
  expect(Buffer.byteLength(name)).toBe(63);
  const [row] = await table(name);
  expect(Object.values(row!)).toEqual(names.map((_, index) => String(index)));
  expect(Object.keys(row!).slice(2)).toEqual(['select', 'a"b', 'ü;--', 'Case', 'case']);
});

test('a dash parts schema and table by option', async () => {
  await succeed(
    [schema({ id: { type: 'integer' } }, ['id'], 'sales-users'), record('{"id":1}', 'sales-users')],
    {
      isSchemaInName: true,
    },
  );
  expect(await database.query('SELECT * FROM sales.users')).toEqual([{ id: '1' }]);
  await database.query('DROP SCHEMA sales CASCADE');
});
