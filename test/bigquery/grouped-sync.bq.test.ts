import { describe, expect, test } from 'vitest';
import { bigquery } from '../e2e/bigquery-under-test.ts';
import { heldOf, truthOf } from '../e2e/oracle.ts';
import { World } from '../e2e/world.ts';

const SPONSORED = { kind: 'sponsored_ads', marketplace: 'UK', entityId: 'ENTITY1A2B3C' } as const;
const ACCOUNT = 'UK:entity:ENTITY1A2B3C';
const STREAMS = ['sponsored_ads_traffic', 'sponsored_ads_invalid_traffic'] as const;

interface StatusJson {
  readonly costs: {
    readonly jobs: number;
    readonly kinds: Readonly<Record<string, { readonly jobs: number }>>;
  };
}

describe.skipIf(!bigquery.isHere())('a sync of several slices', () => {
  test('takes far fewer commits than slices, its outcome is the truth, and status sums its jobs', async () => {
    await using world = await World.start({
      accounts: [SPONSORED],
      from: '2026-01-01',
      days: 3,
      now: '2026-01-07T06:00:00Z',
    });
    const dataset = await world.warehouse(bigquery);
    const sync = await world.sync(dataset);
    expect(sync, sync.stderr).toMatchObject({ code: 0 });
    for (const stream of STREAMS) {
      const truth = await truthOf(world.simulator, stream, ACCOUNT, world.dates);
      expect(await heldOf(dataset, stream, ACCOUNT, world.dates), stream).toEqual(truth);
    }
    const [{ slices }] = (await dataset.query<{ slices: number }>(
      `SELECT COUNT(*) AS slices FROM ${dataset.nameOf('extractions')}`,
    )) as [{ slices: number }];
    const { costs } = (await world.status(dataset)) as StatusJson;
    const commits = costs.kinds['commit']?.jobs ?? 0;
    // Six dates up to yesterday, of two streams.
    expect(slices).toBe(12);
    // One by one it would be two of each slice: that its execution is created, and its rows.
    expect(commits).toBeGreaterThan(0);
    expect(commits).toBeLessThan(slices.length);
    const logged = /run\.cost .*"jobs":(\d+)/.exec(sync.stderr)?.[1];
    expect(costs.jobs).toBe(Number(logged));
  });
});
