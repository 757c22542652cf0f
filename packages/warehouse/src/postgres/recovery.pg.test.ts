import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { EmbeddedPostgres } from './embedded/embedded-postgres.ts';
import { PostgresSink } from './postgres-sink.ts';
import { loadMessages } from './postgres-target.ts';
import {
  ACCOUNT,
  CLICKS,
  LEDGER,
  partitionChange,
  schemaMessage,
  sliceMessages,
  sliceResult,
} from '../testing/slice-fixtures.ts';

const RUN = { id: 'run-1', started_at: '2026-01-09T06:00:00.000Z' };
const ROWS = Array.from({ length: 3000 }, (_, index) => [`campaign ${index}`, '1', '1', 'false']);

/** A server of its own: what happens to it here would disturb the other tests. */
let server: EmbeddedPostgres;
let url: string;
let admin: pg.Client;

beforeAll(async () => {
  server = await EmbeddedPostgres.start();
  url = await server.createDatabase('recovery');
  await connectAdmin();
});
afterAll(async () => {
  await admin.end();
  await server.stop();
});
beforeEach(() => admin.query('DROP SCHEMA IF EXISTS traffic_events CASCADE'));

async function connectAdmin(): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    admin = new pg.Client({ connectionString: url });
    admin.on('error', () => {});
    try {
      await admin.connect();
      return;
    } catch (error) {
      if (attempt === 100) throw error;
      await sleep(100);
    }
  }
}

const loadersOf = () =>
  admin.query<{ pid: number }>(
    "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'traffic-events%' AND datname = 'recovery'",
  );

/** Ends the loader's sessions, as a dropped connection or a failover does. */
async function endSessions(): Promise<void> {
  for (const { pid } of (await loadersOf()).rows) {
    await admin.query('SELECT pg_terminate_backend($1, 5000)', [pid]);
  }
}

/** Kills a session's process: the server then ends all others and recovers from its log. */
async function crash(): Promise<void> {
  const [loader] = (await loadersOf()).rows;
  process.kill(loader!.pid, 'SIGKILL');
  await sleep(100);
  await admin.end().catch(() => {});
  await connectAdmin();
}

const loaded = async () =>
  (
    await admin.query(
      `SELECT count(*)::int AS rows, count(DISTINCT execution_id)::int AS copies, max(execution_id) AS copy
         FROM traffic_events.dsp_clicks`,
    )
  ).rows[0] as object;

test.each([
  ['ended', endSessions],
  ['killed with its server', crash],
])('a slice whose session is %s before and while it loads is redone', async (_how, disturb) => {
  const sink = new PostgresSink({ connection: { url } });
  await sink.open(RUN, [CLICKS], [ACCOUNT]);
  await sink.slice(
    sliceResult({ executionId: 'e1', settled: false, rows: ROWS }),
    partitionChange({}),
  );
  await disturb();
  let isDisturbed = false;
  const result = sliceResult({ executionId: 'e2', rows: ROWS });
  const outcome = await sink.slice(
    {
      ...result,
      async *rows() {
        yield ROWS.slice(0, 2000);
        if (!isDisturbed) await disturb();
        isDisturbed = true;
        yield ROWS.slice(2000);
      },
    },
    partitionChange({}),
  );
  expect(outcome).toEqual({ kind: 'applied' });
  expect(await loaded()).toEqual({ rows: ROWS.length, copies: 1, copy: 'e2' });
  await sink.close();
});

test.each([
  ['ended', endSessions],
  ['killed with its server', crash],
])('messages go on when the session is %s between them', async (_how, disturb) => {
  const states: unknown[] = [];
  const slice = sliceResult({ executionId: 'e1', rows: ROWS });
  const messages = sliceMessages(slice, ROWS, partitionChange({}));
  const users = [
    '{"type":"SCHEMA","stream":"users","key_properties":["id"],"schema":{"properties":{"id":{"type":"integer"}}}}',
    '{"type":"RECORD","stream":"users","record":{"id":1}}',
  ];
  await loadMessages(
    (async function* source() {
      yield Buffer.from(`${[schemaMessage(CLICKS), schemaMessage(LEDGER), ...users].join('\n')}\n`);
      yield Buffer.from(`${messages.slice(0, 2000).join('\n')}\n`);
      await disturb();
      yield Buffer.from(`${messages.slice(2000, -1).join('\n')}\n`);
      await disturb();
      yield Buffer.from(`${messages.at(-1)}\n`);
    })(),
    { connection: { url }, emitState: async (value) => void states.push(value) },
  );
  expect(states).toHaveLength(1);
  expect(await loaded()).toEqual({ rows: ROWS.length, copies: 1, copy: 'e1' });
  expect((await admin.query('SELECT * FROM traffic_events.users')).rows).toHaveLength(1);
});

test('an error of the result itself is no lost connection', async () => {
  const sink = new PostgresSink({ connection: { url } });
  await sink.open(RUN, [CLICKS], [ACCOUNT]);
  const broken = {
    ...sliceResult({ executionId: 'e1', rows: ROWS }),
    async *rows() {
      yield ROWS;
      throw new RangeError('the file ends early');
    },
  };
  await expect(sink.slice(broken, partitionChange({}))).rejects.toThrow(RangeError);
  expect(
    await sink.slice(sliceResult({ executionId: 'e2', rows: [] }), partitionChange({})),
  ).toEqual({ kind: 'applied' });
  await sink.close();
});

test('a server that stays away is named once the time for it is up', async () => {
  const lonely = await EmbeddedPostgres.start();
  const sink = new PostgresSink({ connection: { url: lonely.url() }, reconnectForMs: 300 });
  await sink.open(RUN, [CLICKS], [ACCOUNT]);
  await lonely.stop();
  await expect(sink.state(partitionChange({}))).rejects.toThrow(
    /^Lost the connection to database postgres on 127\.0\.0\.1:\d+: .* Run again: nothing half-done was committed\.$/,
  );
  await sink.close();
});
