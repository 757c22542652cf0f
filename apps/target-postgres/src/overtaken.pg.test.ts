import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { createTestDatabase } from '@traffic-events/warehouse/postgres/testing';
import type { TestDatabase } from '@traffic-events/warehouse/postgres/testing';
import { LEDGER_KEY_PROPERTIES, LEDGER_SCHEMA } from '@traffic-events/slice';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

const BIN = fileURLToPath(new URL('../bin/target-postgres', import.meta.url));
const SLICE = { account_id: 'DE:dsp:1', event_date: '2026-01-05' };
const children: ReturnType<typeof spawn>[] = [];
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(() => database.query('DROP SCHEMA IF EXISTS traffic_events CASCADE'));
afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')));

function startTarget() {
  const child = spawn(BIN, [], {
    env: { ...process.env, TARGET_POSTGRES_URL: database.url },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  children.push(child);
  child.stdin.on('error', () => {});
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]).then(
    ([stdout, stderr, [code]]) => ({ stdout, stderr, code: code as number | null }),
  );
  return { child, ended };
}

const lines = (messages: readonly object[]) =>
  messages.map((message) => `${JSON.stringify(message)}\n`).join('');

/** A slice of one row: what comes before the STATE that closes it, and that STATE. */
function sliceOf(run: number) {
  const execution_id = `e${run}`;
  const at = `2026-02-0${run}T00:00:00.000Z`;
  const facts = { row_count: 1, complete: true, settled: true, suspect: false };
  const string = { type: 'string' };
  const properties = {
    account_id: string,
    marketplace: string,
    event_date: { type: 'string', format: 'date' },
    filtered: { type: 'boolean' },
    execution_id: string,
    row_number: { type: 'integer' },
    extracted_at: { type: 'string', format: 'date-time' },
  };
  const record = {
    ...SLICE,
    marketplace: 'DE',
    filtered: false,
    execution_id,
    row_number: 1,
    extracted_at: at,
  };
  const ledger = {
    ...SLICE,
    ...facts,
    extraction_id: execution_id,
    execution_id,
    stream: 'clicks',
    marketplace: 'DE',
    status: 'settled',
    create_time: at,
    sums: { clicks: '1' },
    fingerprint: 'f',
    run_id: `run-${run}`,
    recorded_at: at,
  };
  const value = {
    bookmarks: {},
    slice: { stream: 'clicks', ...SLICE, execution_id, ...facts },
    run: { id: `run-${run}`, started_at: at },
  };
  const slices = { 'x-replace-by': ['account_id', 'event_date'], properties };
  return {
    before: lines([
      {
        type: 'SCHEMA',
        stream: 'clicks',
        key_properties: ['execution_id', 'row_number'],
        schema: slices,
      },
      {
        type: 'SCHEMA',
        stream: 'extractions',
        key_properties: LEDGER_KEY_PROPERTIES,
        schema: LEDGER_SCHEMA,
      },
      { type: 'RECORD', stream: 'clicks', record },
      { type: 'RECORD', stream: 'extractions', record: ledger },
    ]),
    closing: lines([{ type: 'STATE', value }]),
  };
}

const leases = () =>
  database
    .query<{ epoch: string; heartbeat_at: Date | null }>(
      'SELECT * FROM traffic_events._traffic_events_leases',
    )
    .catch(() => []);

test('a run that stood still while a newer one finished cannot commit when it wakes', async () => {
  const [old, newer] = [sliceOf(1), sliceOf(2)];
  const stopped = startTarget();
  stopped.child.stdin.write(old.before);
  await expect.poll(leases, { timeout: 20_000 }).toHaveLength(1);
  stopped.child.kill('SIGSTOP');
  // What a minute without heartbeats does.
  await database.query(
    "UPDATE traffic_events._traffic_events_leases SET heartbeat_at = heartbeat_at - interval '5 minutes'",
  );
  const second = startTarget();
  second.child.stdin.end(newer.before + newer.closing);
  expect((await second.ended).code).toBe(0);
  stopped.child.stdin.end(old.closing);
  stopped.child.kill('SIGCONT');
  const { code, stdout, stderr } = await stopped.ended;
  expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
  expect(stderr).toContain(
    'Account DE:dsp:1 was taken over by another run while this one stood still.',
  );
  expect(await database.query('SELECT execution_id FROM traffic_events.clicks')).toEqual([
    { execution_id: 'e2' },
  ]);
  expect(await database.query('SELECT extraction_id FROM traffic_events.extractions')).toEqual([
    { extraction_id: 'e2' },
  ]);
});

test('after a SIGKILL the next run begins at once, however fresh the heartbeat', async () => {
  const [old, newer] = [sliceOf(1), sliceOf(2)];
  const killed = startTarget();
  killed.child.stdin.write(old.before);
  await expect.poll(leases, { timeout: 20_000 }).toHaveLength(1);
  killed.child.kill('SIGKILL');
  const next = startTarget();
  next.child.stdin.end(newer.before + newer.closing);
  expect((await next.ended).code).toBe(0);
  expect(await leases()).toMatchObject([{ epoch: '2', heartbeat_at: null }]);
});

test('a run beside a living one is busy, code 7', async () => {
  const first = startTarget();
  first.child.stdin.write(sliceOf(1).before);
  await expect.poll(leases, { timeout: 20_000 }).toHaveLength(1);
  const second = startTarget();
  second.child.stdin.end(sliceOf(2).before);
  const { code, stderr } = await second.ended;
  expect(code).toBe(7);
  expect(stderr).toContain('Account DE:dsp:1 is busy: a run with database session');
  first.child.stdin.end();
  expect((await first.ended).code).toBe(0);
});
