import { addDays } from '@traffic-events/slice';
import { describe, expect, test } from 'vitest';
import { truthOf } from '../oracle.ts';
import { run } from '../programs.ts';
import { isTriedHere, warehouseKind } from '../warehouse-under-test.ts';
import type { WarehouseUnderTest } from '../warehouse-kind.ts';
import { World } from '../world.ts';
import { accountOf, DSP, FIRST_DATE, morningOf } from './settled-world.ts';

const GRAINS = ['dsp_impressions', 'dsp_impressions_by_campaign', 'dsp_impressions_total'];

/** What a grain holds of a date, and how much of that has a campaign. */
async function sumsOf(warehouse: WarehouseUnderTest, table: string, date: string) {
  const { textType: text } = warehouse;
  const named = table.endsWith('_total')
    ? 'NULL'
    : 'SUM(CASE WHEN campaign_id IS NOT NULL THEN impressions END)';
  const [row] = await warehouse.query<{ sum: string; named: string | null; count: string }>(
    `SELECT CAST(SUM(impressions) AS ${text}) AS sum, CAST(${named} AS ${text}) AS named,
     CAST(COUNT(*) AS ${text}) AS count FROM ${warehouse.nameOf(table)} WHERE event_date = '${date}'`,
  );
  if (row === undefined) throw new TypeError('an aggregate gives a row');
  return { sum: row.sum, named: Number(row.named), count: Number(row.count) };
}

describe.runIf(isTriedHere)('with all grains', () => {
  test('each holds the whole of every date, the coarser the more by name, and nothing of an empty one', async () => {
    const empty = addDays(FIRST_DATE, 1);
    await using world = await World.start({
      accounts: [DSP],
      from: FIRST_DATE,
      days: 1,
      now: morningOf(5),
    });
    const warehouse = await world.warehouse(warehouseKind);
    const config = world.configFile(warehouse, { streams: ['dsp_impressions'], grains: 'all' });
    const range = ['--from', FIRST_DATE, '--to', empty];
    const args = ['backfill', '--config', config, ...range];
    const { code, stderr } = await run('traffic-events', args, world.environment());
    expect(code, stderr).toBe(0);

    const truth = await truthOf(world.simulator, 'dsp_impressions', accountOf('dsp_impressions'), [
      FIRST_DATE,
    ]);
    const held = [];
    for (const table of GRAINS) held.push(await sumsOf(warehouse, table, FIRST_DATE));
    const [fine, byCampaign, total] = held;
    expect(held.map(({ sum }) => sum)).toEqual(GRAINS.map(() => truth[FIRST_DATE]));
    expect(byCampaign?.named).toBeGreaterThan(fine?.named ?? Infinity);
    expect(total?.count).toBe(1);
    for (const table of GRAINS) {
      expect(await sumsOf(warehouse, table, empty)).toMatchObject({ count: 0 });
    }
  });
});
