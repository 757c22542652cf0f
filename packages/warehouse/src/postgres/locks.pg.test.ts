import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { ACCOUNT, CLICKS, RUN, partitionChange, sliceResult } from '../testing/slice-fixtures.ts';
import { openWarehouse } from '../open-warehouse.ts';
import { PostgresSink } from './postgres-sink.ts';
import { loadLines } from './testing/load-lines.ts';
import { createTestDatabase } from './testing/test-database.ts';
import type { TestDatabase } from './testing/test-database.ts';

let database: TestDatabase;
/** Somebody else, who works in the same tables. */
let other: pg.Client;

const SCHEMA =
  '{"type":"SCHEMA","stream":"s","key_properties":["id"],"schema":{"properties":{"id":{"type":"integer"},"v":{"type":"integer"}}}}';
const recordOf = (id: number) => `{"type":"RECORD","stream":"s","record":{"id":${id},"v":1}}`;
const STATE = '{"type":"STATE","value":{"a":1}}';
const WIDER = SCHEMA.replace('"v":', '"w":{"type":"integer"},"v":');

beforeAll(async () => {
  database = await createTestDatabase();
  await database.query("CREATE ROLE dml_only LOGIN PASSWORD 'x'");
});
afterAll(async () => {
  await database.query('DROP OWNED BY dml_only');
  await database.query('DROP ROLE dml_only');
  await database.drop();
});
beforeEach(async () => {
  other = new pg.Client({ connectionString: database.url, application_name: 'nightly job' });
  await other.connect();
  await load([SCHEMA, recordOf(1), STATE]);
});
afterEach(async () => {
  await other.end();
  await database.query('DROP SCHEMA traffic_events CASCADE');
});

const WIDER_CLICKS = {
  ...CLICKS,
  schema: {
    ...CLICKS.schema,
    properties: { ...(CLICKS.schema['properties'] as object), more: { type: 'string' } },
  },
};
const load = (lines: readonly string[], settings: object = {}) =>
  loadLines(lines, { connection: { url: database.url, ...settings } });
const ids = async () =>
  (await database.query<{ id: string }>('SELECT id FROM traffic_events.s ORDER BY id')).map(
    ({ id }) => id,
  );

test('a role that may only change rows loads where nothing is to be made', async () => {
  const sink = new PostgresSink({ connection: { url: database.url } });
  await sink.open(RUN, [CLICKS], [ACCOUNT]);
  await sink.slice(sliceResult({ executionId: 'e1', rows: [] }), partitionChange({}));
  await sink.close();
  await database.query('GRANT USAGE ON SCHEMA traffic_events TO dml_only');
  await database.query(
    'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA traffic_events TO dml_only',
  );
  const own = { user: 'dml_only', password: 'x' };
  expect((await load([SCHEMA, recordOf(2), STATE], own)).failure).toBeUndefined();
  expect(await ids()).toEqual(['1', '2']);
  const slices = new PostgresSink({ connection: { url: database.url, ...own } });
  await slices.open(RUN, [CLICKS], [ACCOUNT]);
  const later = sliceResult({
    executionId: 'e2',
    createTime: '2026-01-10T06:00:00Z',
    rows: [['a', '1', '4', 'false']],
  });
  expect(await slices.slice(later, partitionChange({}))).toEqual({ kind: 'applied' });
  await slices.close();
});

test('tables without rights refuse their streams when a run begins, and no others', async () => {
  const streams = ['readable', 'locked', 'loaded'].map((stream) => ({ ...CLICKS, stream }));
  const first = new PostgresSink({ connection: { url: database.url } });
  await first.open(RUN, streams, [ACCOUNT]);
  await first.close();
  await database.query(`
    GRANT USAGE ON SCHEMA traffic_events TO dml_only;
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA traffic_events TO dml_only;
    REVOKE INSERT, DELETE ON traffic_events.readable FROM dml_only;
    REVOKE ALL ON traffic_events.locked FROM dml_only`);
  const own = { url: database.url, user: 'dml_only', password: 'x' };
  const sink = new PostgresSink({ connection: own });
  expect(await sink.open(RUN, streams, [ACCOUNT])).toMatchObject([
    {
      stream: 'readable',
      reason: expect.stringContaining(
        'Stream readable: table readable gives us no right to INSERT, DELETE. Have its owner say GRANT INSERT, DELETE',
      ),
    },
    { stream: 'locked', reason: expect.stringContaining('no right to SELECT, INSERT, DELETE') },
  ]);
  await sink.close();
  const changed = new PostgresSink({ connection: own });
  await expect(
    changed.open(RUN, [{ ...WIDER_CLICKS, stream: 'loaded' }], [ACCOUNT]),
  ).rejects.toMatchObject({
    code: 'stream_table',
    message: expect.stringMatching(
      /^Stream loaded: its table cannot be made ready\. .*must be owner of table loaded/,
    ),
  });
  await changed.close();
});

test('rows of a table are loaded beside a transaction that has changed others of it', async () => {
  await other.query('BEGIN');
  await other.query('UPDATE traffic_events.s SET v = 9 WHERE id = 1');
  expect((await load([SCHEMA, recordOf(777), STATE])).failure).toBeUndefined();
  await other.query('ROLLBACK');
  expect(await ids()).toEqual(['1', '777']);
});

test('results wait for a lock as long as the warehouse is told to', async () => {
  const first = new PostgresSink({ connection: { url: database.url } });
  await first.open(RUN, [CLICKS], [ACCOUNT]);
  await first.close();
  await other.query('BEGIN');
  await other.query('SELECT * FROM traffic_events.dsp_clicks');
  const place = { url: database.url, lockTimeoutMs: 100 };
  const sink = (await openWarehouse(place, {})).openSink({});
  await expect(sink.open(RUN, [WIDER_CLICKS], [ACCOUNT])).rejects.toThrow(
    'canceling statement due to lock timeout',
  );
  await sink.close();
});

test('what waits for a lock lets others pass, and says who is in its way', async () => {
  const { rows } = await other.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  await other.query('BEGIN');
  await other.query('SELECT * FROM traffic_events.s');
  const holder = `In its way is session ${rows[0]?.pid} (user postgres, nightly job, idle in transaction for 00:00:0`;
  const given = await load([WIDER, recordOf(2), STATE], { lockTimeoutMs: 100 });
  expect(given.states).toEqual([]);
  expect(String(given.failure)).toContain('canceling statement due to lock timeout');
  const waiting = load([WIDER, recordOf(2), STATE]);
  // Long enough for a first try to end. Who only reads never waits longer than for one.
  await sleep(3500);
  expect(await ids()).toEqual(['1']);
  await other.query('COMMIT');
  const { failure, log } = await waiting;
  expect(failure).toBeUndefined();
  expect(log.map(({ message }) => message)).toContain('warehouse.locked');
  expect(JSON.stringify(log)).toContain(holder);
});
