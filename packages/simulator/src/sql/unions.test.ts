import { expect, test } from 'vitest';
import type { BehaviourOverrides } from '../index.ts';
import { ApiCaller, executionOf } from '../testing/api-caller.ts';
import { DSP, explicitWindow, startTestSimulator } from '../testing/simulators.ts';

/** All of its events have arrived. */
const DAY = explicitWindow('2026-01-26', '2026-01-27');
const FLAGGED = { filteredMetricsDiscriminatorColumn: 'filtered' };

const IMPRESSIONS =
  'SELECT campaign_id, SUM(impressions) AS n FROM dsp_impressions GROUP BY campaign_id';
const labelled = (label: string, rest: string) => rest.replace('SELECT', `SELECT '${label}' AS s,`);
/** The same position is LOW in the first branch, MEDIUM in the second. */
const SHARED = `${labelled('valid', IMPRESSIONS)} UNION ALL ${labelled(
  'invalid',
  'SELECT campaign_id, SUM(invalid_impressions) AS n FROM dsp_invalid_impressions GROUP BY campaign_id',
)}`;
const NOTHING = 'CAST(NULL AS BIGINT)';
/** The first branch leaves the MEDIUM columns NULL, the second the LOW ones. */
const APART =
  `SELECT 'valid' AS s, campaign_id, SUM(impressions) AS n, ${NOTHING} AS invalid_id, ${NOTHING} AS m FROM dsp_impressions GROUP BY campaign_id` +
  ` UNION ALL SELECT 'invalid' AS s, ${NOTHING} AS campaign_id, ${NOTHING} AS n, campaign_id AS invalid_id, SUM(invalid_impressions) AS m FROM dsp_invalid_impressions GROUP BY campaign_id`;

async function start(behaviour: Partial<BehaviourOverrides>) {
  const simulator = await startTestSimulator({
    now: '2026-02-05T00:00:00Z',
    tokenTtlSeconds: 1e7,
    ...behaviour,
  });
  const caller = await ApiCaller.signIn(simulator, DSP);
  const rows = async (sqlQuery: string, more: object = FLAGGED) =>
    (await caller.query({ sqlQuery, timeWindow: DAY, ...more })).slice(1);
  /** Of a branch, without its label. */
  const rowsOf = async (label: string, sqlQuery: string) =>
    (await rows(sqlQuery))
      .filter((line) => line.startsWith(`${label},`))
      .map((line) => line.slice(label.length + 1));
  const reasonOf = async (sqlQuery: string) => {
    const { workflowExecutionId: id } = executionOf(await caller.create({ sqlQuery }));
    simulator.clock.advanceTo(simulator.clock.now() + 15 * 60_000);
    const { status, statusReason } = executionOf(await caller.get(id));
    return status === 'REJECTED' ? statusReason : status;
  };
  return { simulator, caller, rows, rowsOf, reasonOf };
}

test('set operations are taken, but for UNION, or none at all', async () => {
  const distinct = SHARED.replace('UNION ALL', 'UNION');
  const { reasonOf } = await start({});
  expect([await reasonOf(distinct), await reasonOf(SHARED)]).toEqual(['SUCCEEDED', 'SUCCEEDED']);
  const some = await start({ unions: 'union_all' });
  expect(await some.reasonOf(distinct)).toBe('UNION is not supported');
  expect(await some.reasonOf(SHARED)).toBe('SUCCEEDED');
  const none = await start({ unions: 'none' });
  expect(await none.reasonOf(SHARED)).toBe('UNION ALL is not supported');
});

test('branches, columns and HAVING may be too much', async () => {
  const three = `${SHARED} UNION ALL ${labelled('again', IMPRESSIONS)}`;
  const { reasonOf } = await start({ maxUnionBranches: 2, maxOutputColumns: 3, having: false });
  expect(await reasonOf(SHARED)).toBe('SUCCEEDED');
  expect(await reasonOf(three)).toBe('The query has 3 branches of a UNION, the limit is 2');
  expect(await reasonOf(APART)).toBe('The query has 5 output columns, the limit is 3');
  expect(await reasonOf(`${IMPRESSIONS} HAVING COUNT(1) > 0`)).toBe('HAVING is not supported');
});

test('rows are judged by their own branch, as if it were asked for alone', async () => {
  const { rows, rowsOf } = await start({ unionThresholds: 'branch' });
  const plain = await rows(IMPRESSIONS);
  expect(plain.some((line) => line.endsWith(',false'))).toBe(true);
  expect(await rowsOf('valid', SHARED)).toEqual(plain);
});

test('rows are judged by the strictest branch of each position, but not by what they leave NULL', async () => {
  const { rows, rowsOf } = await start({ unionThresholds: 'position' });
  expect(await rowsOf('valid', SHARED)).toEqual([expect.stringMatching(/^,\d+,true$/)]);
  const apart = await rowsOf('valid', APART);
  expect(apart.map((line) => line.replace(',,', ''))).toEqual(await rows(IMPRESSIONS));
});

test('rows are judged by the whole output, also by what their branch leaves NULL', async () => {
  const { rowsOf } = await start({ unionThresholds: 'output' });
  const apart = await rowsOf('valid', APART);
  expect(apart.length).toBeGreaterThan(1);
  expect(apart.every((line) => line.endsWith(',true'))).toBe(true);
});

test('without the discriminator rows vanish by their own branch', async () => {
  const { rows } = await start({ unionThresholds: 'branch' });
  const kept = await rows(SHARED, {});
  expect(kept.map((line) => line.replace('valid,', ''))).toEqual(await rows(IMPRESSIONS, {}));
});

test('labels may be withheld or mixed up', async () => {
  const blanked = await start({ unionThresholds: 'branch', unionLabels: 'blanked' });
  const rare = `${labelled('rare', 'SELECT creative_id, SUM(impressions) AS n FROM dsp_impressions GROUP BY creative_id')} UNION ALL ${labelled(
    'rarer',
    'SELECT creative_id, SUM(clicks) AS n FROM dsp_clicks GROUP BY creative_id',
  )}`;
  const lines = await blanked.rows(rare);
  expect(lines.filter((line) => line.endsWith(',true')).every((line) => line.startsWith(','))).toBe(
    true,
  );
  const repeated = await start({ unionLabels: 'repeated' });
  const labels = (await repeated.rows(SHARED)).map((line) => line.split(',')[0]);
  expect(new Set(labels)).toEqual(new Set(['valid']));
});

test('a union takes longer by each branch, and its rows may be mixed', async () => {
  const { caller, simulator, rows } = await start({ unionSlowdown: 1, rowOrder: 'shuffled' });
  const { workflowExecutionId: id } = executionOf(await caller.create({ sqlQuery: SHARED }));
  simulator.clock.advanceTo(simulator.clock.now() + 20 * 60_000);
  expect(executionOf(await caller.get(id)).status).toBe('RUNNING');
  simulator.clock.advanceTo(simulator.clock.now() + 10 * 60_000);
  expect(executionOf(await caller.get(id)).status).toBe('SUCCEEDED');
  const plain = await rows(IMPRESSIONS);
  expect(plain).not.toEqual(plain.toSorted());
  const sorted = await start({});
  expect((await sorted.rows(IMPRESSIONS)).toSorted()).toEqual(plain.toSorted());
});
