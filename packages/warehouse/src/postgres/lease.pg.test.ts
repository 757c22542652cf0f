import { afterAll, beforeAll, expect, test } from 'vitest';
import { ACCOUNT, CLICKS, RUN } from '../testing/slice-fixtures.ts';
import { PostgresSink } from './postgres-sink.ts';
import { createTestDatabase } from './testing/test-database.ts';
import type { TestDatabase } from './testing/test-database.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const lease = () =>
  database.query<{ epoch: string; backend_pid: number }>(
    'SELECT epoch, backend_pid FROM traffic_events._traffic_events_lease',
  );

test('a holder whose session is gone is replaced at once, however fresh its heartbeat', async () => {
  const [first, second] = [1, 2].map(
    () =>
      new PostgresSink({
        connection: { url: database.url },
        leaseTimings: { busyWaitMs: 0, staleAfterMs: 3_600_000 },
      }),
  ) as [PostgresSink, PostgresSink];
  await first.open(RUN, [CLICKS], [ACCOUNT]);
  const [held] = await lease();
  await database.query('SELECT pg_terminate_backend($1, 5000)', [held!.backend_pid]);
  await second.open(RUN, [CLICKS], [ACCOUNT]);
  expect(await lease()).toMatchObject([{ epoch: '2' }]);
  await first.close();
  await second.close();
});
