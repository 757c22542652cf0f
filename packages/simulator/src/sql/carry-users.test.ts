import fc from 'fast-check';
import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { carryUsers } from './carry-users.ts';
import { parseQuery, printQuery } from './duckdb-parser.ts';
import type { Environment } from './environment.ts';
import type { Shape } from './scope.ts';
import { USERS_MACROS } from './users.ts';

let instance: DuckDBInstance;
let connection: DuckDBConnection;

beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  connection = await instance.connect();
  for (const macro of USERS_MACROS) await connection.run(macro);
});

afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

const SHAPE: Shape = {
  users: 'one',
  columns: ['campaign', 'creative', 'impressions', 'clicks'].map((name) => ({
    name,
    metric: name === 'impressions' || name === 'clicks',
    threshold: 'NONE',
  })),
};

interface Event {
  readonly campaign: string;
  readonly creative: string;
  readonly impressions: number | null;
  readonly clicks: number;
  readonly user: number;
}

async function fill(events: readonly Event[]): Promise<void> {
  await connection.run(`CREATE OR REPLACE TABLE t (campaign VARCHAR, creative VARCHAR,
    impressions BIGINT, clicks BIGINT, user_key UBIGINT)`);
  const rows = events.map(
    (event) =>
      `('${event.campaign}', '${event.creative}', ${event.impressions ?? 'NULL'}, ${event.clicks}, ${event.user})`,
  );
  if (rows.length > 0) await connection.run(`INSERT INTO t VALUES ${rows.join(', ')}`);
}

/** Rows of the query with the number of users behind each metric, and behind the row, at the end. */
async function withUsers(
  sql: string,
  form: 'count' | 'few' = 'count',
): Promise<{ rows: unknown[][]; width: number }> {
  const view = 'SELECT campaign, creative, impressions, clicks, user_key AS __user FROM t';
  const source = { name: 't', node: await parseQuery(connection, view), shape: SHAPE };
  const environment: Environment = {
    commonTables: new Map(),
    aggregates: new Set(['sum', 'count', 'count_star', 'min', 'max', 'avg']),
    carryUsers,
    sources: () => ['t'],
    sourceTable: () => source,
  };
  const pending = carryUsers(await parseQuery(connection, sql), environment);
  const { positions } = pending;
  const query = await printQuery(connection, pending.build({ form, positions }));
  const reader = await connection.runAndReadAll(query);
  return { rows: reader.getRowsJson(), width: pending.columns.length };
}

const users = async (sql: string) => {
  const { rows, width } = await withUsers(sql);
  return rows.map((row) => row.slice(width).map(Number));
};

const event = fc.record({
  campaign: fc.constantFrom('a', 'b'),
  creative: fc.constantFrom('x', 'y', 'z'),
  impressions: fc.constantFrom(0, 1, 2, null),
  clicks: fc.constantFrom(0, 0, 1),
  user: fc.integer({ min: 1, max: 5 }),
});

/** Queries whose first column is the only dimension, and whose metrics add up. */
const QUERIES = [
  'SELECT campaign, SUM(impressions) AS i, SUM(clicks) AS c, COUNT(*) AS n FROM t GROUP BY campaign',
  `SELECT creative, SUM(CASE WHEN campaign = 'a' THEN impressions ELSE 0 END) AS i,
    SUM(clicks) FILTER (WHERE campaign = 'b') AS c FROM t GROUP BY creative`,
  `SELECT campaign, SUM(i) AS i, SUM(c) AS c FROM
    (SELECT campaign, creative, SUM(impressions) AS i, SUM(clicks) AS c FROM t GROUP BY 1, 2) AS s GROUP BY 1`,
  `WITH e AS (SELECT campaign AS key, impressions AS i FROM t UNION ALL SELECT creative, clicks FROM t)
    SELECT key, SUM(i) AS i FROM e GROUP BY key`,
  `WITH e AS (SELECT campaign AS key, SUM(impressions) AS i, 0 AS c FROM t GROUP BY campaign
      UNION ALL SELECT campaign, 0, SUM(clicks) FROM t GROUP BY campaign)
    SELECT key, SUM(i) AS i, SUM(c) AS c FROM e GROUP BY key`,
  `WITH e AS (SELECT * FROM (SELECT campaign, creative, impressions FROM t) AS s)
    SELECT e.campaign, SUM(e.impressions) + COUNT(e.impressions) AS i FROM e GROUP BY e.campaign`,
];

/** The metrics of each row by its dimension; what is not there is 0. */
async function metricsByKey(sql: string): Promise<Map<string, number[]>> {
  const rows = (await connection.runAndReadAll(sql)).getRowsJson();
  return new Map(rows.map(([key, ...metrics]) => [JSON.stringify(key), metrics.map(Number)]));
}

test('a user is behind a metric exactly if the metric changes without that user', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { maxLength: 14 }),
      fc.constantFrom(...QUERIES),
      async (events, sql) => {
        await fill(events);
        const { rows, width } = await withUsers(sql);
        const few = await withUsers(sql, 'few');
        const plain = (await connection.runAndReadAll(sql)).getRowsJson();
        expect(rows.map((row) => JSON.stringify(row.slice(0, width))).toSorted()).toEqual(
          plain.map((row) => JSON.stringify(row)).toSorted(),
        );
        const whole = await metricsByKey(sql);
        const behind = new Map([...whole].map(([key, metrics]) => [key, metrics.map(() => 0)]));
        for (const user of new Set(events.map((each) => each.user))) {
          await fill(events.filter((each) => each.user !== user));
          const without = await metricsByKey(sql);
          for (const [key, metrics] of whole) {
            for (const [index, value] of metrics.entries()) {
              const changed = (without.get(key)?.[index] ?? 0) !== value;
              if (changed) behind.get(key)![index]! += 1;
            }
          }
        }
        const upToTwo = (row: unknown[]) =>
          row.map((cell, index) => (index < width ? cell : Math.min(2, Number(cell))));
        expect(few.rows.map((row) => JSON.stringify(upToTwo(row))).toSorted()).toEqual(
          rows.map((row) => JSON.stringify(upToTwo(row))).toSorted(),
        );
        for (const row of rows) {
          expect(row.slice(width, -1).map(Number)).toEqual(behind.get(JSON.stringify(row[0])));
        }
      },
    ),
    { numRuns: 120 },
  );
});

const EVENTS: Event[] = [
  { campaign: 'a', creative: 'x', impressions: 3, clicks: 1, user: 1 },
  { campaign: 'a', creative: 'x', impressions: 2, clicks: 0, user: 2 },
  { campaign: 'a', creative: 'y', impressions: 1, clicks: 0, user: 3 },
  { campaign: 'b', creative: 'x', impressions: 0, clicks: 0, user: 4 },
];

test('the users of a joined row are those of both sides', async () => {
  await fill(EVENTS);
  const sql = `SELECT l.campaign, SUM(l.impressions) AS i, COUNT(*) AS n
    FROM t l JOIN (SELECT creative, SUM(clicks) AS c FROM t GROUP BY creative) r ON l.creative = r.creative
    WHERE l.campaign = 'a' AND l.creative = 'y' GROUP BY l.campaign`;
  expect(await users(sql)).toEqual([[1, 1, 1]]);
  const self = `SELECT COUNT(*) AS n FROM t l JOIN t r ON l.creative = r.creative WHERE l.campaign = 'b'`;
  expect(await users(self)).toEqual([[3, 3]]);
});

test('an outer join without a partner adds no user', async () => {
  await fill(EVENTS);
  const sql = `SELECT l.campaign, SUM(r.clicks) AS c FROM t l LEFT JOIN t r
    ON l.creative = r.creative AND r.clicks > 0 WHERE l.creative = 'y' GROUP BY l.campaign`;
  expect(await users(sql)).toEqual([[0, 1]]);
});

test('the users of a row without repetitions are those of all rows that it stands for', async () => {
  await fill(EVENTS);
  expect(await users('SELECT COUNT(*) AS n FROM (SELECT DISTINCT campaign FROM t) AS d')).toEqual([
    [4, 4],
  ]);
  const union = `WITH u AS (SELECT campaign AS k FROM t UNION SELECT creative FROM t)
    SELECT k, COUNT(*) AS n FROM u WHERE k = 'x' GROUP BY k`;
  expect(await users(union)).toEqual([[3, 3]]);
});

test('what is constant has no users, and a filter takes away those whom it leaves out', async () => {
  await fill(EVENTS);
  const sql = `WITH v(k) AS (VALUES ('a'), ('z'))
    SELECT v.k, SUM(t.clicks) AS c FROM v LEFT JOIN t ON t.campaign = v.k GROUP BY v.k ORDER BY 1`;
  expect(await users(sql)).toEqual([
    [1, 3],
    [0, 0],
  ]);
});

test('a subquery in an expression sees the same events', async () => {
  await fill(EVENTS);
  const sql = `SELECT campaign, SUM(impressions) AS i FROM t
    WHERE creative IN (SELECT creative FROM t WHERE clicks > 0) GROUP BY campaign ORDER BY 1`;
  expect(await users(sql)).toEqual([
    [2, 2],
    [0, 1],
  ]);
});

test('the smallest and the largest value are made by whoever has one', async () => {
  await fill(EVENTS);
  expect(await users('SELECT MIN(creative) AS a, MAX(impressions) AS b FROM t')).toEqual([
    [4, 4, 4],
  ]);
});
