import { hasEmulator, testDataset } from '@traffic-events/warehouse/bigquery/testing';
import { describe, expect, test } from 'vitest';
import { STREAM_METRICS, truthOf } from '../e2e/oracle.ts';
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

describe.skipIf(!hasEmulator())('a sync of several slices', () => {
  test('takes far fewer commits than slices, its outcome is the truth, and status sums its jobs', async () => {
    await using world = await World.start({
      accounts: [SPONSORED],
      from: '2026-01-01',
      days: 3,
      now: '2026-01-07T06:00:00Z',
    });
    const dataset = testDataset();
    const sync = await world.sync(dataset);
    expect(sync, sync.stderr).toMatchObject({ code: 0 });
    for (const stream of STREAMS) {
      const rows = await dataset.query<{ event_date: string; total: string }>(
        `SELECT CAST(event_date AS STRING) AS event_date, CAST(SUM(${STREAM_METRICS[stream]}) AS STRING) AS total
         FROM \`{dataset}.${stream}\` WHERE account_id = '${ACCOUNT}' GROUP BY event_date`,
      );
      const held = new Map(rows.map(({ event_date, total }) => [event_date, total]));
      const totals = Object.fromEntries(world.dates.map((date) => [date, held.get(date) ?? '0']));
      expect(totals, stream).toEqual(await truthOf(world.simulator, stream, ACCOUNT, world.dates));
    }
    const [{ slices }] = (await dataset.query<{ slices: number }>(
      'SELECT COUNT(*) AS slices FROM `{dataset}.extractions`',
    )) as [{ slices: number }];
    const { costs } = (await world.status(dataset)) as StatusJson;
    const commits = costs.kinds['commit']?.jobs ?? 0;
    // Six dates up to yesterday, of two streams.
    expect(slices).toBe(12);
    // One by one it would be two of each slice: that its execution is created, and its rows.
    expect(commits).toBeGreaterThan(0);
    expect(commits).toBeLessThanOrEqual(8);
    const logged = /run\.cost .*"jobs":(\d+)/.exec(sync.stderr)?.[1];
    expect(costs.jobs).toBe(Number(logged));
    await dataset.drop();
  });
});
