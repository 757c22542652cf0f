import { describe, expect, test } from 'vitest';
import { bigquery } from '../e2e/bigquery-under-test.ts';
import { heldOf, truthOf } from '../e2e/oracle.ts';
import { World } from '../e2e/world.ts';
import { isThorough } from '../reporting/thorough.ts';

const ACCOUNT = 'UK:entity:ENTITY1A2B3C';
const STREAM = 'sponsored_ads_traffic';

interface StatusJson {
  readonly costs: {
    readonly jobs: number;
    readonly kinds: Readonly<Record<string, { readonly jobs: number }>>;
  };
}

describe.runIf(isThorough && bigquery.isHere())('a sync of several slices', () => {
  test('takes far fewer commits than slices, its outcome is the truth, and status sums its jobs', async () => {
    await using world = await World.start({
      accounts: [{ kind: 'sponsored_ads', marketplace: 'UK', entityId: 'ENTITY1A2B3C' }],
      streams: [STREAM],
      from: '2026-01-01',
      days: 4,
      now: '2026-01-13T06:00:00Z',
    });
    const dataset = await world.warehouse(bigquery);
    const sync = await world.sync(dataset);
    expect(sync, sync.stderr).toMatchObject({ code: 0 });
    const truth = await truthOf(world.simulator, STREAM, ACCOUNT, world.dates);
    expect(await heldOf(dataset, STREAM, ACCOUNT, world.dates)).toEqual(truth);
    const slices = await dataset.query(`SELECT status FROM ${dataset.nameOf('extractions')}`);
    const { costs } = (await world.status(dataset)) as StatusJson;
    const commits = costs.kinds['commit']?.jobs ?? 0;
    // Every date up to yesterday.
    expect(slices).toHaveLength(12);
    // One by one it would be two of each slice: that its execution is created, and its rows.
    expect(commits).toBeGreaterThan(0);
    expect(commits).toBeLessThan(12);
    const logged = /run\.cost .*"jobs":(\d+)/.exec(sync.stderr)?.[1];
    expect(costs.jobs).toBe(Number(logged));
  });
});
