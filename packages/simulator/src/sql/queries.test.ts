import { beforeAll, afterAll, expect, test } from 'vitest';
import { SimulatedClock, startSimulator } from '../index.ts';
import type { Simulator } from '../index.ts';
import { ApiCaller, executionOf, request } from '../testing/api-caller.ts';
import { DSP, ENTITY, explicitWindow } from '../testing/simulators.ts';

let simulator: Simulator;
let caller: ApiCaller;

beforeAll(async () => {
  simulator = await startSimulator({
    clock: new SimulatedClock({ originMs: Date.parse('2026-02-05T00:00:00Z'), scale: 0 }),
    accounts: [DSP, ENTITY],
    events: { kind: 'generated', fromDate: '2026-01-25', days: 7, eventsPerDay: 600 },
    maxActiveExecutions: 1000,
    tokenTtlSeconds: 10_000_000,
    resultTtlSeconds: 10_000_000,
  });
  caller = await ApiCaller.signIn(simulator, DSP);
});

afterAll(() => simulator.close());

const WINDOW = explicitWindow('2026-01-26', '2026-01-27');

/** Rows of the query, the header apart. */
async function rows(sqlQuery: string, more: object = {}): Promise<string[]> {
  return (await caller.query({ sqlQuery, timeWindow: WINDOW, ...more })).slice(1);
}

async function truthOf(dataSource: 'dsp_impressions' | 'dsp_clicks', metric: string) {
  const [row] = await simulator.truth({
    account: 'DE:dsp:1234',
    dataSource,
    from: '2026-01-26',
    to: '2026-01-26',
  });
  return row!.totals[metric]!;
}

const FLAGGED = { filteredMetricsDiscriminatorColumn: 'filtered' };

const sumOf = (lines: readonly string[], column: number) =>
  String(lines.reduce((sum, line) => sum + BigInt(line.split(',')[column] || 0), 0n));

test('totals survive suppression where the discriminator is set, whatever the grouping', async () => {
  const impressions = await truthOf('dsp_impressions', 'impressions');
  const queries = [
    'SELECT campaign_id, SUM(impressions) AS n FROM dsp_impressions GROUP BY campaign_id',
    'SELECT supply_source, SUM(impressions) AS n FROM dsp_impressions GROUP BY 1',
    'SELECT impression_dt_utc, SUM(impressions) AS n FROM dsp_impressions GROUP BY impression_dt_utc',
    'SELECT c, SUM(n) AS n FROM (SELECT campaign_id AS c, creative, SUM(impressions) AS n FROM dsp_impressions GROUP BY 1, 2) AS inner_table GROUP BY c',
    'WITH e AS (SELECT campaign_id, impressions FROM dsp_impressions) SELECT campaign_id, SUM(impressions) AS n FROM e GROUP BY campaign_id',
  ];
  for (const query of queries) expect(sumOf(await rows(query, FLAGGED), 1)).toBe(impressions);
});

test('without the discriminator the rows of one user vanish', async () => {
  const query =
    'SELECT creative_id, supply_source, SUM(impressions) AS n FROM dsp_impressions GROUP BY 1, 2';
  const kept = await rows(query);
  const all = await rows(query, FLAGGED);
  const filtered = all.filter((line) => line.endsWith(',true'));
  expect(filtered).toHaveLength(1);
  expect(
    all.filter((line) => line.endsWith(',false')).map((line) => line.replace(/,false$/, '')),
  ).toEqual(kept);
});

async function suppressed(query: string): Promise<number> {
  const lines = await rows(query, FLAGGED);
  return Number(
    sumOf(
      lines.filter((line) => line.endsWith(',true')),
      1,
    ),
  );
}

test('a rare metric beside a frequent one suppresses both; a UNION ALL judges them one by one', async () => {
  const joined = `WITH i AS (SELECT creative_id, user_id, SUM(impressions) AS n FROM dsp_impressions GROUP BY 1, 2),
    c AS (SELECT creative_id, user_id, SUM(clicks) AS n FROM dsp_clicks GROUP BY 1, 2)
    SELECT i.creative_id, SUM(i.n) AS impressions, SUM(c.n) AS clicks
    FROM i LEFT JOIN c ON i.creative_id = c.creative_id AND i.user_id = c.user_id GROUP BY i.creative_id`;
  const united = `SELECT creative_id, SUM(impressions) AS impressions, 0 AS clicks FROM dsp_impressions GROUP BY 1
    UNION ALL SELECT creative_id, 0, SUM(clicks) FROM dsp_clicks GROUP BY 1`;
  expect(await suppressed(joined)).toBeGreaterThan(await suppressed(united));
});

test('a row of a join has the users of both sides', async () => {
  const query = `SELECT i.campaign, COUNT(*) AS n FROM dsp_impressions i
    JOIN (SELECT campaign, SUM(clicks) AS c FROM dsp_clicks GROUP BY campaign) k ON i.campaign = k.campaign
    GROUP BY i.campaign`;
  expect((await rows(query)).length).toBeGreaterThan(0);
});

test('reach is counted, though user_id itself never leaves', async () => {
  const [line] = await rows(
    'SELECT COUNT(DISTINCT user_id) AS reach, COUNT(*) AS n FROM dsp_impressions',
  );
  const [reach, count] = line!.split(',').map(Number);
  expect(reach).toBeGreaterThan(100);
  expect(reach).toBeLessThan(count!);
});

test('ids above 2^53 arrive exactly, as literals and as results', async () => {
  const [first] = await rows(
    'SELECT campaign_id, SUM(impressions) AS n FROM dsp_impressions GROUP BY 1',
  );
  const [id, count] = first!.split(',');
  expect(BigInt(id!)).toBeGreaterThan(2n ** 53n);
  const query = `SELECT campaign_id, SUM(impressions) AS n FROM dsp_impressions WHERE campaign_id = ${id} GROUP BY 1`;
  expect(await rows(query)).toEqual([`${id},${count}`]);
});

test('times come from the execution, never from the machine', async () => {
  const query = `SELECT CURRENT_DATE AS today, CAST('today' AS DATE) AS same, BUILT_IN_PARAMETER('TIME_WINDOW_START') AS start, SUM(impressions) AS n FROM dsp_impressions`;
  const [line] = await rows(query);
  expect(line).toMatch(/^2026-02-05,2026-02-05,2026-01-26T00:00:00\.000,\d+$/);
});

test('dates without _utc are those of the zone of the account', async () => {
  const zoned = await startSimulator({
    clock: new SimulatedClock({ originMs: simulator.clock.now(), scale: 0 }),
    accounts: [{ ...DSP, timeZone: 'America/Los_Angeles' }],
    events: { kind: 'generated', fromDate: '2026-01-25', days: 7, eventsPerDay: 600 },
  });
  const lines = await (
    await ApiCaller.signIn(zoned, DSP)
  ).query({
    sqlQuery:
      'SELECT impression_date, impression_date_utc, MAX(impression_hour) AS last_hour, SUM(impressions) AS n FROM dsp_impressions GROUP BY 1, 2',
    timeWindow: WINDOW,
  });
  const [row] = await zoned.truth({
    account: 'DE:dsp:1234@America/Los_Angeles',
    dataSource: 'dsp_impressions',
    from: '2026-01-26',
    to: '2026-01-26',
  });
  await zoned.close();
  expect(lines.slice(1).map((line) => line.split(',').slice(0, 3).join())).toEqual([
    '2026-01-25,2026-01-26,23',
    '2026-01-26,2026-01-26,15',
  ]);
  expect(Number(row!.totals['impressions'])).toBeGreaterThan(Number(lines[2]!.split(',')[3]));
});

test('CUSTOM_PARAMETER takes its value from parameterValues', async () => {
  const query = `SELECT campaign, SUM(impressions) AS n FROM dsp_impressions WHERE campaign = CUSTOM_PARAMETER('name') GROUP BY campaign`;
  const [first] = await rows(
    'SELECT campaign, SUM(impressions) AS n FROM dsp_impressions GROUP BY 1',
  );
  const name = first!.split(',')[0];
  expect(await rows(query, { parameterValues: { name } })).toEqual([first]);
  const workflow = { sqlQuery: query, inputParameters: [{ name: 'name', defaultValue: name }] };
  expect(await rows('', { sqlQuery: undefined, workflow })).toEqual([first]);
  expect(await rows('', { workflow, parameterValues: { name: 'none' } })).toEqual([]);
});

test('EXTEND_TIME_WINDOW widens the window of one table', async () => {
  const wide = `SELECT SUM(impressions) AS n FROM TABLE(EXTEND_TIME_WINDOW('dsp_impressions', 'P1D', 'PT12H'))`;
  const plain = 'SELECT SUM(impressions) AS n FROM dsp_impressions';
  const [wider] = await rows(wide);
  const whole = {
    timeWindow: { ...WINDOW, start: '2026-01-25T00:00:00', end: '2026-01-27T12:00:00' },
  };
  expect([wider]).toEqual(await rows(plain, whole));
});

test('the count of users and the reason of filtering can be asked for', async () => {
  const lines = await rows(
    'SELECT impression_dt_hour_utc, campaign, SUM(impressions) AS n FROM dsp_impressions GROUP BY 1, 2',
    {
      ...FLAGGED,
      distinctUserCountColumn: 'users',
      filteredReasonColumn: 'reason',
    },
  );
  const filtered = lines.filter((line) => line.includes(',true,'));
  expect(
    filtered.every((line) => line.endsWith(",true,1,1 'dsp_impressions' users < 2 required")),
  ).toBe(true);
  expect(filtered.length).toBeGreaterThan(0);
  expect(
    lines.filter((line) => line.includes(',false,')).every((line) => line.endsWith(',false,2,')),
  ).toBe(true);
});

test('equivalent users can be counted for any query', async () => {
  const query =
    'SELECT campaign, SUM(n) AS n, AVG(cost) AS c FROM (SELECT campaign, supply_source, SUM(impressions) AS n, SUM(total_cost) AS cost FROM dsp_impressions GROUP BY 1, 2) AS inner_table GROUP BY 1';
  const effective = await rows(query);
  await setUserCount('equivalent');
  expect(await rows(query)).toEqual(effective);
  await setUserCount('effective');
});

async function setUserCount(userCount: string): Promise<void> {
  const body = JSON.stringify({ account: 'DE:dsp:1234', userCount });
  await request(`${simulator.url}/_simulator/behaviour`, { method: 'POST', body });
}

test.each([
  ['SELECT * FROM dsp_impressions', "SELECT * is not supported on table 'dsp_impressions'"],
  [
    'SELECT campaign FROM dsp_impressions',
    'The final SELECT must contain at least one aggregate function',
  ],
  [
    'SELECT user_id, COUNT(*) AS n FROM dsp_impressions GROUP BY 1',
    "Column 'user_id' has aggregation threshold VERY_HIGH and cannot be part of the output",
  ],
  [
    "SELECT COUNT(*) AS n FROM dsp_impressions WHERE user_id = 'a'",
    "Column 'user_id' cannot be compared with a literal",
  ],
  [
    "SELECT COUNT(*) AS n FROM dsp_impressions WHERE user_id IN ('a', 'b')",
    "Column 'user_id' cannot be compared with a literal",
  ],
  [
    "SELECT COUNT(*) AS n FROM dsp_impressions GROUP BY CASE WHEN user_id LIKE 'a%' THEN 1 END",
    "Column 'user_id' cannot be compared with a literal",
  ],
  ['SELECT COUNT(*) AS n FROM nothing', "Table 'nothing' not found"],
  [
    'SELECT SUM(nothing) AS n FROM dsp_impressions',
    "Column 'nothing' not found in any table (dsp_impressions)",
  ],
  ['SELECT COUNT(*) AS n FROM sponsored_ads_traffic', "Table 'sponsored_ads_traffic' not found"],
  ['SELECT COUNT(*) AS n FROM ivt_report', "Table 'ivt_report' not found"],
  [
    'CREATE TABLE t AS SELECT 1',
    'Creating or modifying materialized tables is not supported in TCR SQL',
  ],
  [
    'DELETE FROM dsp_impressions',
    'Creating or modifying materialized tables is not supported in TCR SQL',
  ],
  ['SELECT COUNT(*) AS n FROM dsp_impressions; SELECT 1', 'Only one statement is supported'],
  ['SELECT COUNT(*) AS n FROM dsp_impressions LIMIT 1', 'LIMIT is not supported'],
  ['SELECT COUNT(*) AS n FROM dsp_impressions ORDER BY 1', 'ORDER BY is only supported in OVER'],
  [
    'SELECT COUNT(*) AS n FROM dsp_impressions a RIGHT JOIN dsp_clicks b ON a.campaign = b.campaign',
    'RIGHT JOIN is not supported',
  ],
  [
    "SELECT campaign || 'x' AS c, COUNT(*) AS n FROM dsp_impressions GROUP BY 1",
    'Unsupported scalar operation type ||',
  ],
  [
    'SELECT NTILE(4) OVER (ORDER BY campaign) AS t, COUNT(*) AS n FROM dsp_impressions GROUP BY campaign',
    'Function NTILE is not supported',
  ],
  ["SELECT COUNT(*) AS n FROM read_csv('x')", 'Function READ_CSV is not supported'],
  [
    "SELECT CUSTOM_PARAMETER('x') AS x, COUNT(*) AS n FROM dsp_impressions",
    "Parameter 'x' is not defined",
  ],
  ['SELECT FROM WHERE', 'The query could not be parsed'],
  [
    'SELECT campaign, SUM(impressions) AS n FROM dsp_impressions',
    'The query could not be compiled',
  ],
  [
    'SELECT COUNT(*) AS n FROM dsp_impressions EXCEPT SELECT COUNT(*) FROM dsp_clicks',
    'EXCEPT is not supported',
  ],
])('%s is accepted at create and REJECTED later', async (sqlQuery, reason) => {
  const created = await caller.create({ sqlQuery });
  expect([created.status, executionOf(created).status]).toEqual([200, 'PENDING']);
  simulator.clock.advanceTo(simulator.clock.now() + 10 * 60_000);
  const execution = executionOf(await caller.get(executionOf(created).workflowExecutionId));
  expect(execution.status).toBe('REJECTED');
  expect(execution.statusReason).toContain(reason);
});

test('what the service has and the simulator has not is answered 501 with a sentence', async () => {
  const answer = await caller.create({
    sqlQuery:
      "SELECT STR_TO_MAP(campaign, ',', '=') AS m, COUNT(*) AS n FROM dsp_impressions GROUP BY 1",
  });
  expect([answer.status, answer.json.details]).toEqual([
    501,
    'The simulator does not run STR_TO_MAP yet',
  ]);
});

test('features of the sibling service that are not built are answered 501', async () => {
  const workflow = { sqlQuery: 'SELECT COUNT(*) AS n FROM dsp_impressions', outputFormat: {} };
  const answer = await caller.create({ workflow });
  expect([answer.status, answer.json.details]).toEqual([
    501,
    'The simulator does not know outputFormat yet',
  ]);
});

test('a query that fails while it runs ends FAILED with a reason', async () => {
  const created = await caller.create({
    sqlQuery: 'SELECT SUM(CAST(campaign AS INTEGER)) AS n FROM dsp_impressions',
    timeWindow: WINDOW,
  });
  simulator.clock.advanceTo(simulator.clock.now() + 15 * 60_000);
  const execution = executionOf(await caller.get(executionOf(created).workflowExecutionId));
  expect(execution.status).toBe('FAILED');
  expect(execution.statusReason).toContain('Could not convert string');
});

test.each([
  'adserver_traffic',
  'invalid_adserver_traffic',
  'devices_traffic',
  'dsp_clicks',
  'dsp_impressions',
  'dsp_invalid_clicks',
  'dsp_invalid_impressions',
  'dsp_views',
])('%s has events', async (table) => {
  const [line] = await rows(`SELECT COUNT(*) AS n FROM ${table}`, {
    timeWindow: explicitWindow('2026-01-25', '2026-02-01'),
  });
  expect(Number(line)).toBeGreaterThan(0);
});

test.each(['sponsored_ads_traffic', 'sponsored_ads_invalid_traffic'])(
  '%s has events',
  async (table) => {
    const entity = await ApiCaller.signIn(simulator, ENTITY);
    const lines = await entity.query({
      sqlQuery: `SELECT COUNT(*) AS n FROM ${table}`,
      timeWindow: explicitWindow('2026-01-25', '2026-02-01'),
    });
    expect(Number(lines[1])).toBeGreaterThan(0);
  },
);
