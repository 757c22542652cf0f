import { hasEmulator, testDataset } from '@traffic-events/warehouse/bigquery/testing';
import type { TestDataset } from '@traffic-events/warehouse/bigquery/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { STREAM_METRICS, truthOf } from '../e2e/oracle.ts';
import type { Kill } from '../e2e/programs.ts';
import { World } from '../e2e/world.ts';

const SPONSORED = { kind: 'sponsored_ads', marketplace: 'UK', entityId: 'ENTITY1A2B3C' } as const;
const ACCOUNT = 'UK:entity:ENTITY1A2B3C';
const STREAMS = ['sponsored_ads_traffic', 'sponsored_ads_invalid_traffic'] as const;

/** Few dates of one account: the emulator takes a second for what BigQuery does at once. */
const settled = {
  accounts: [SPONSORED],
  from: '2026-01-05',
  days: 2,
  now: '2026-01-10T06:00:00Z',
};

/** As many crashes as fit into it; all of them in CI. */
const CRASH_BUDGET_MS = 6000;
const CRASHES = 50;

const pipe = (
  world: World,
  { settings }: TestDataset,
  options: { state?: string | undefined; kill?: Kill } = {},
) => {
  const { project, dataset, apiEndpoint } = settings;
  const targetConfig = { project, dataset, api_endpoint: apiEndpoint };
  return world.pipeTo({ targetProgram: 'target-bigquery', targetConfig }, options);
};

async function expectTruth(world: World, dataset: TestDataset): Promise<void> {
  for (const stream of STREAMS) {
    const metric = STREAM_METRICS[stream];
    const rows = await dataset.query<{ event_date: string; total: string }>(
      `SELECT CAST(event_date AS STRING) AS event_date, CAST(SUM(${metric}) AS STRING) AS total
       FROM \`{dataset}.${stream}\` WHERE account_id = '${ACCOUNT}' GROUP BY event_date`,
    );
    const held = new Map(rows.map((row) => [row.event_date, row.total]));
    const truth = await truthOf(world.simulator, stream, ACCOUNT, world.dates);
    const totals = Object.fromEntries(world.dates.map((date) => [date, held.get(date) ?? '0']));
    expect(totals, stream).toEqual(truth);
  }
}

/** Every row as text, without what tells executions apart, in one order. */
const contentOf = async (dataset: TestDataset, stream: string) => {
  const rows = await dataset.query(
    `SELECT * EXCEPT (execution_id, row_number, extracted_at) FROM \`{dataset}.${stream}\``,
  );
  return rows.map((row) => JSON.stringify(row)).sort();
};

describe.skipIf(!hasEmulator())('from the API to BigQuery', () => {
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  });
  const worldOf = async () => {
    const world = await World.start(settled);
    ends.push(() => world[Symbol.asyncDispose]());
    return world;
  };
  const datasetOf = () => {
    const dataset = testDataset();
    ends.push(() => dataset.drop());
    return dataset;
  };
  test('tap | target and sync give the same dataset, and it is the truth', async () => {
    const world = await worldOf();
    const [piped, synced] = [datasetOf(), datasetOf()];
    const { tap, target, states } = await pipe(world, piped);
    expect(tap, tap.stderr).toMatchObject({ code: 0 });
    expect(target, target.stderr).toMatchObject({ code: 0 });
    await expectTruth(world, piped);
    const again = await pipe(world, piped, { state: states.at(-1) });
    expect(again.target, again.target.stderr).toMatchObject({ code: 0 });
    const sync = await world.sync(synced);
    expect(sync, sync.stderr).toMatchObject({ code: 0 });
    await expectTruth(world, synced);
    const content = await contentOf(piped, 'sponsored_ads_traffic');
    expect(content).not.toEqual([]);
    expect(await contentOf(synced, 'sponsored_ads_traffic')).toEqual(content);
    expect(await world.status(synced)).toMatchObject({
      streams: STREAMS.toSorted().map((stream) => ({ stream, bookmark: '2026-01-06' })),
    });
  });

  test('after a SIGKILL of tap or target at any line, the next run gives the right totals', async () => {
    const world = await worldOf();
    const dataset = datasetOf();
    const deadlineMs = performance.now() + CRASH_BUDGET_MS;
    let state: string | undefined;
    for (let seed = 0; seed < CRASHES; seed += 1) {
      if (process.env['CI'] !== 'true' && performance.now() > deadlineMs) break;
      const kill = {
        program: seed % 3 === 2 ? 'tap' : 'target',
        afterLines: 1 + ((seed * 97 + 5) % 400),
      } as const;
      const { states } = await pipe(world, dataset, { state, kill });
      state = states.at(-1) ?? state;
    }
    const { target, states } = await pipe(world, dataset, { state });
    expect(target, target.stderr).toMatchObject({ code: 0 });
    expect(states.length).toBeGreaterThan(0);
    await expectTruth(world, dataset);
  });
});
