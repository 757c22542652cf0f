import { describe, expect, test } from 'vitest';
import { loadedOf, truthOf } from '../oracle.ts';
import { run } from '../programs.ts';
import { isTriedHere, warehouseKind } from '../warehouse-under-test.ts';
import { DSP, startWorld } from './settled-world.ts';

const STREAM = 'dsp_impressions';
const HELD = `DE:dsp:${DSP.advertiserId}@Asia/Kolkata`;

describe.runIf(isTriedHere)('names of a time zone', () => {
  test('an account whose zone is called by another name than before is the same account', async () => {
    await using world = await startWorld({ accounts: [DSP], streams: [STREAM], days: 2 });
    const warehouse = await world.warehouse(warehouseKind);
    for (const time_zone of ['Asia/Calcutta', 'Asia/Kolkata', 'asia/calcutta']) {
      const { marketplace, advertiserId: advertiser_id } = DSP;
      const accounts = [{ marketplace, advertiser_id, time_zone }];
      const args = ['sync', '--config', world.configFile(warehouse, { accounts })];
      const { code, stderr } = await run('traffic-events', args, world.environment());
      expect(code, stderr).toBe(0);
      const held = await warehouse.query(
        `SELECT account_id FROM ${warehouse.nameOf(STREAM)} GROUP BY account_id`,
      );
      expect(held).toEqual([{ account_id: HELD }]);
      const truth = await truthOf(world.simulator, STREAM, HELD, world.dates);
      expect(await loadedOf(warehouse, STREAM, HELD)).toMatchObject(truth);
    }
  });
});
