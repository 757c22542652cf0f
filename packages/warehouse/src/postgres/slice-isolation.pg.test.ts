import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { PostgresSink } from './postgres-sink.ts';
import { ACCOUNT, CLICKS, partitionChange, sliceResult } from '../testing/slice-fixtures.ts';
import { createTestDatabase } from './testing/test-database.ts';
import type { TestDatabase } from './testing/test-database.ts';

const REPLACES = 200;
const ROWS = 20;
const RUN = { id: 'run-1', started_at: '2026-01-09T06:00:00.000Z' };
let database: TestDatabase;
let sink: PostgresSink;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.query('DROP SCHEMA IF EXISTS traffic_events CASCADE');
  sink = new PostgresSink({ connection: { url: database.url } });
  await sink.open(RUN, [CLICKS], [ACCOUNT]);
});

/** The copy numbered `copy`, whose rows all tell that number. */
function replacement(copy: number, eventDate = '2026-01-05') {
  const rows = Array.from({ length: ROWS }, () => [`c${copy}`, '1', '1', 'false']);
  const createTime = new Date(Date.UTC(2026, 0, 9) + copy * 1000).toISOString();
  return [
    sliceResult({ executionId: `e${copy}`, createTime, eventDate, rows }),
    partitionChange({}),
  ] as const;
}

test('a reader in a tight loop sees the old slice or the new one, never a mixture, never none', async () => {
  await sink.slice(...replacement(0));
  const reader = new pg.Client({ connectionString: database.url });
  await reader.connect();
  const done = new AbortController();
  let reads = 0;
  const seen = new Set<string>();
  const reading = (async () => {
    while (!done.signal.aborted) {
      const { rows } = await reader.query<{ copies: number; rows: number; copy: string }>(
        `SELECT count(DISTINCT execution_id)::int AS copies, count(*)::int AS rows, min(execution_id) AS copy
           FROM traffic_events.dsp_clicks WHERE account_id = $1 AND event_date = '2026-01-05'`,
        [ACCOUNT],
      );
      expect(rows[0]).toMatchObject({ copies: 1, rows: ROWS });
      seen.add(rows[0]!.copy);
      reads += 1;
    }
  })();
  for (let copy = 1; copy <= REPLACES; copy += 1) {
    expect(await sink.slice(...replacement(copy))).toEqual({ kind: 'applied' });
  }
  done.abort();
  await reading;
  await reader.end();
  await sink.close();
  expect(reads).toBeGreaterThan(REPLACES / 4);
  expect(seen.size).toBeGreaterThan(10);
});

test('a load that needs a new partition neither waits for a long reader nor holds it up', async () => {
  await sink.slice(...replacement(1));
  const reader = new pg.Client({ connectionString: database.url });
  await reader.connect();
  await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  const count = async () =>
    (await reader.query<{ n: number }>('SELECT count(*)::int AS n FROM traffic_events.dsp_clicks'))
      .rows[0]!.n;
  expect(await count()).toBe(ROWS);
  await sink.slice(...replacement(2, '2026-02-05'));
  await sink.slice(...replacement(3, '2025-12-31'));
  await sink.slice(...replacement(4));
  // A waiting ALTER would queue the reader behind it.
  await reader.query("SET lock_timeout = '1s'");
  expect(await count()).toBe(ROWS);
  await reader.query('COMMIT');
  expect(await count()).toBe(3 * ROWS);
  await reader.end();
  await sink.close();
  const partitions = await database.query(
    "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r' ORDER BY 1",
  );
  expect(partitions.map(({ relname }) => relname)).toEqual([
    'dsp_clicks_p2025_12',
    'dsp_clicks_p2026_01',
    'dsp_clicks_p2026_02',
  ]);
});
