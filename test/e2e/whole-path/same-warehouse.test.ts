import { describe, expect, test } from 'vitest';
import { campaignIdsOf, contentOf, wholeContentOf } from '../oracle.ts';
import { rawCampaignIds } from '../raw-api.ts';
import { warehouseKind } from '../warehouse-under-test.ts';
import { DSP, expectTruth, startWorld, STREAMS } from './settled-world.ts';

describe.skipIf(!warehouseKind.isHere())('from the API to the warehouse', () => {
  test('tap | target and sync give the same warehouse, and it is the truth', async () => {
    await using world = await startWorld();
    const piped = await world.warehouse(warehouseKind);
    const synced = await world.warehouse(warehouseKind);
    const pipe = await world.pipe(piped);
    expect(pipe.tap, pipe.tap.stderr).toMatchObject({ code: 0 });
    expect(pipe.target, pipe.target.stderr).toMatchObject({ code: 0 });
    const sync = await world.sync(synced);
    expect(sync, sync.stderr).toMatchObject({ code: 0 });
    for (const stream of STREAMS) {
      const content = await contentOf(piped, stream);
      if (!stream.includes('invalid')) expect(content).not.toEqual([]);
      expect(await contentOf(synced, stream)).toEqual(content);
    }
    await expectTruth(world, piped);
    await expectTruth(world, synced);
  });

  test('running again changes nothing', async () => {
    await using world = await startWorld();
    const piped = await world.warehouse(warehouseKind);
    const synced = await world.warehouse(warehouseKind);
    const contents = async () => [
      await wholeContentOf(piped, STREAMS),
      await wholeContentOf(synced, STREAMS),
    ];
    const first = await world.pipe(piped);
    await world.sync(synced);
    const before = await contents();
    const again = await world.pipe(piped, { state: first.states.at(-1) });
    const lost = await world.pipe(piped); // as if the state file had been deleted
    const sync = await world.sync(synced);
    expect([again.target.code, lost.target.code, sync.code]).toEqual([0, 0, 0]);
    expect(await contents()).toEqual(before);
  });

  test('ids above 2^53 arrive digit by digit', async () => {
    await using world = await startWorld({ days: 1, streams: ['dsp_impressions'] });
    const piped = await world.warehouse(warehouseKind);
    const synced = await world.warehouse(warehouseKind);
    await world.pipe(piped);
    await world.sync(synced);
    const delivered = await rawCampaignIds(world.simulator, DSP, world.dates);
    for (const warehouse of [piped, synced]) {
      const ids = await campaignIdsOf(warehouse);
      expect(ids.some((id) => BigInt(id) > 2n ** 53n)).toBe(true);
      expect(delivered).toEqual(expect.arrayContaining(ids));
    }
  });
});
