import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@traffic-events/client';
import type { Clock } from '@traffic-events/client';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { LeaseBusyError, LeaseLostError } from '../errors.ts';
import { PostgresSink } from './postgres-sink.ts';
import { ACCOUNT, CLICKS, partitionChange, sliceResult } from '../testing/slice-fixtures.ts';
import { createTestDatabase } from './testing/test-database.ts';
import type { TestDatabase } from './testing/test-database.ts';

let database: TestDatabase;
const sinks: PostgresSink[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await Promise.allSettled(sinks.splice(0).map((sink) => sink.close()));
  await database.query('DROP SCHEMA IF EXISTS traffic_events CASCADE');
});

function sinkOf(options: { leaseClock?: Clock; busyWaitMs?: number; heartbeatMs?: number } = {}) {
  const { busyWaitMs = 0, heartbeatMs = 5000, leaseClock = systemClock } = options;
  const sink = new PostgresSink({
    connection: { url: database.url },
    leaseClock,
    leaseTimings: { busyWaitMs, heartbeatMs, staleAfterMs: 60_000 },
  });
  sinks.push(sink);
  return sink;
}

const run = (number: number) => ({
  id: `run-${number}`,
  started_at: `2026-01-09T06:00:0${number}.000Z`,
});
const slice = (executionId: string, accountId = ACCOUNT) =>
  [
    sliceResult({ executionId, accountId, rows: [['a', '1', '4', 'false']] }),
    partitionChange({ accountId }),
  ] as const;
const lease = () =>
  database.query<{ epoch: string; heartbeat_at: Date | null; backend_pid: number; run_id: string }>(
    'SELECT * FROM traffic_events._traffic_events_lease ORDER BY account_id',
  );
const laterClock = (ms: number): Clock => ({
  ...systemClock,
  now: () => Date.now() + ms,
  sleep: (duration, signal) => systemClock.sleep(duration, signal),
});

test('a second run leaves as busy, and says who has the account', async () => {
  await sinkOf().open(run(1), [CLICKS], [ACCOUNT]);
  const second = sinkOf().open(run(2), [CLICKS], [ACCOUNT]);
  await expect(second).rejects.toThrow(LeaseBusyError);
  await expect(second).rejects.toThrow(
    /^Account DE:dsp:1234 is busy: a run with database session \d+ is writing to it\. Let it finish, then run again\.$/,
  );
});

test('a run that ends gives its lease back, and the next one raises the epoch', async () => {
  const first = sinkOf();
  await first.open(run(1), [CLICKS], [ACCOUNT]);
  await first.slice(...slice('e1'));
  await first.close();
  expect(await lease()).toMatchObject([
    { epoch: '1', heartbeat_at: null, backend_pid: null, run_id: 'run-1' },
  ]);
  await sinkOf().open(run(2), [CLICKS], [ACCOUNT]);
  expect(await lease()).toMatchObject([{ epoch: '2', run_id: 'run-1' }]);
});

test('a run waits for a holder that is just going away', async () => {
  const first = sinkOf();
  await first.open(run(1), [CLICKS], [ACCOUNT]);
  const second = sinkOf({ busyWaitMs: 10_000 }).open(run(2), [CLICKS], [ACCOUNT]);
  await sleep(300);
  await first.close();
  await second;
  expect(await lease()).toMatchObject([{ epoch: '2' }]);
});

test('a holder whose session is gone is replaced at once, however fresh its heartbeat', async () => {
  await sinkOf().open(run(1), [CLICKS], [ACCOUNT]);
  const [held] = await lease();
  await database.query('SELECT pg_terminate_backend($1, 5000)', [held!.backend_pid]);
  await sinkOf().open(run(2), [CLICKS], [ACCOUNT]);
  expect(await lease()).toMatchObject([{ epoch: '2' }]);
});

test('a holder that stands still is ended, and cannot commit when it wakes', async () => {
  const first = sinkOf({ heartbeatMs: 3_600_000 });
  await first.open(run(1), [CLICKS], [ACCOUNT]);
  await first.slice(...slice('e1'));
  const second = sinkOf({ leaseClock: laterClock(61_000) });
  await second.open(run(2), [CLICKS], [ACCOUNT]);
  await second.slice(...slice('e1'));
  await expect(first.slice(...slice('e2'))).rejects.toThrow(LeaseLostError);
  expect(await lease()).toMatchObject([{ epoch: '2', run_id: 'run-2' }]);
});

test('the epoch alone keeps an overtaken run from committing', async () => {
  const first = sinkOf();
  await first.open(run(1), [CLICKS], [ACCOUNT]);
  await first.slice(...slice('e1'));
  await database.query('UPDATE traffic_events._traffic_events_lease SET epoch = epoch + 1');
  const overtaken = first.slice(
    sliceResult({
      executionId: 'e2',
      createTime: '2026-01-10T06:00:00Z',
      rows: [['b', '2', '9', 'false']],
    }),
    partitionChange({ bookmark: '2026-01-05' }),
  );
  await expect(overtaken).rejects.toThrow(LeaseLostError);
  await expect(overtaken).rejects.toThrow('Nothing of this transaction was committed. Run again.');
  expect(await database.query('SELECT execution_id FROM traffic_events.dsp_clicks')).toEqual([
    { execution_id: 'e1' },
  ]);
  expect(
    await database.query(
      "SELECT state->>'bookmark' AS b FROM traffic_events._traffic_events_state",
    ),
  ).toEqual([{ b: null }]);
  await expect(first.state(partitionChange({}))).rejects.toThrow(LeaseLostError);
});

test('heartbeats go on while nothing else happens', async () => {
  await sinkOf({ heartbeatMs: 50 }).open(run(1), [CLICKS], [ACCOUNT]);
  const [before] = await lease();
  await expect
    .poll(async () => (await lease())[0]!.heartbeat_at!.getTime(), { timeout: 10_000 })
    .toBeGreaterThan(before!.heartbeat_at!.getTime());
});

test('two runs on different accounts work side by side', async () => {
  const [first, second] = [sinkOf(), sinkOf()];
  await Promise.all([
    first.open(run(1), [CLICKS], [ACCOUNT]),
    second.open(run(2), [CLICKS], ['UK:dsp:1234']),
  ]);
  for (let round = 0; round < 5; round += 1) {
    await Promise.all([
      first.slice(...slice(`a${round}`)),
      second.slice(...slice(`b${round}`, 'UK:dsp:1234')),
    ]);
  }
  const counts = await database.query(
    'SELECT account_id, count(*) FROM traffic_events.dsp_clicks GROUP BY 1 ORDER BY 1',
  );
  expect(counts).toEqual([
    { account_id: ACCOUNT, count: '1' },
    { account_id: 'UK:dsp:1234', count: '1' },
  ]);
});

test('of many that start at once, one gets the account', async () => {
  await Promise.all([0, 1, 2, 3].map((index) => sinkOf().readStates([`warm-up-${index}`])));
  const openings = await Promise.allSettled(
    [1, 2, 3, 4, 5, 6].map((number) => sinkOf().open(run(number), [CLICKS], [ACCOUNT])),
  );
  expect(openings.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});
