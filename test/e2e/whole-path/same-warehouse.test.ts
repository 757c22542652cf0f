import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { campaignIdsOf, contentOf, wholeContentOf } from '../oracle.ts';
import { rawCampaignIds } from '../raw-api.ts';
import { isTriedHere, warehouseKind } from '../warehouse-under-test.ts';
import { DSP, expectTruth, startWorld, STREAMS } from './settled-world.ts';

/** One world, loaded into two warehouses: by `tap | target` and by `sync`. */
async function loadBothWays() {
  const world = await startWorld();
  const piped = await world.warehouse(warehouseKind);
  const synced = await world.warehouse(warehouseKind);
  const { tap, target, states } = await world.pipe(piped);
  expect(tap, tap.stderr).toMatchObject({ code: 0 });
  expect(target, target.stderr).toMatchObject({ code: 0 });
  const sync = await world.sync(synced);
  expect(sync, sync.stderr).toMatchObject({ code: 0 });
  const contents = async () => [
    await wholeContentOf(piped, STREAMS),
    await wholeContentOf(synced, STREAMS),
  ];
  return { world, piped, synced, state: states.at(-1), contents };
}

describe.runIf(isTriedHere)('from the API to the warehouse', () => {
  let loaded: Awaited<ReturnType<typeof loadBothWays>>;
  beforeAll(async () => {
    loaded = await loadBothWays();
  });
  afterAll(() => loaded.world[Symbol.asyncDispose]());

  test('tap | target and sync give the same warehouse, and it is the truth', async () => {
    const { world, piped, synced } = loaded;
    for (const stream of STREAMS) {
      const content = await contentOf(piped, stream);
      if (!stream.includes('invalid')) expect(content).not.toEqual([]);
      expect(await contentOf(synced, stream)).toEqual(content);
    }
    await expectTruth(world, piped);
    await expectTruth(world, synced);
  });

  test('ids above 2^53 arrive digit by digit', async () => {
    const { world, piped, synced } = loaded;
    const delivered = await rawCampaignIds(world.simulator, DSP, world.dates);
    for (const warehouse of [piped, synced]) {
      const ids = await campaignIdsOf(warehouse);
      expect(ids.some((id) => BigInt(id) > 2n ** 53n)).toBe(true);
      expect(delivered).toEqual(expect.arrayContaining(ids));
    }
  });

  test('running again changes nothing', async () => {
    const { world, piped, synced, state, contents } = loaded;
    const before = await contents();
    const again = await world.pipe(piped, { state });
    const lost = await world.pipe(piped); // as if the state file had been deleted
    const sync = await world.sync(synced);
    expect([again.target.code, lost.target.code, sync.code]).toEqual([0, 0, 0]);
    expect(await contents()).toEqual(before);
  });
});
