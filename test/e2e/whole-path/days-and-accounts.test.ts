import { addDays } from '@traffic-events/slice';
import { describe, expect, test } from 'vitest';
import { heldOf, truthOf } from '../oracle.ts';
import { warehouseKind } from '../warehouse-under-test.ts';
import type { WarehouseUnderTest } from '../warehouse-kind.ts';
import type { World } from '../world.ts';
import {
  accountOf,
  ARRIVAL_DAYS,
  DAYS,
  DSP,
  expectTruth,
  FIRST_DATE,
  morningOf,
  startWorld,
  STREAMS,
} from './settled-world.ts';

describe.skipIf(!warehouseKind.isHere())('days and accounts', () => {
  test('events that arrive late are there after the syncs of the following days, and status says what is open until then', async () => {
    await using world = await startWorld({ now: morningOf(1) });
    const warehouse = await world.warehouse(warehouseKind);
    expect(await world.status(warehouse)).toMatchObject({ streams: [] });
    for (let day = 1; day <= DAYS + ARRIVAL_DAYS; day += 1) {
      world.clock.advanceTo(Date.parse(morningOf(day)));
      const { code, stderr } = await world.sync(warehouse);
      expect(code, stderr).toBe(0);
      if (day === ARRIVAL_DAYS + 1) await expectFirstDateClosed(world, warehouse);
    }
    await expectTruth(world, warehouse);
    expect(await world.status(warehouse)).toMatchObject({
      streams: STREAMS.map(() => ({ bookmark: world.dates.at(-1) })),
    });
  });

  test('the same advertiser id in two marketplaces is two accounts', async () => {
    const accounts = [DSP, { ...DSP, marketplace: 'FR' }] as const;
    const streams = STREAMS.filter((stream) => stream.startsWith('dsp_'));
    await using world = await startWorld({ accounts, days: 1, streams });
    const warehouse = await world.warehouse(warehouseKind);
    const { code, stderr } = await world.sync(warehouse);
    expect(code, stderr).toBe(0);
    const sums = [];
    for (const account of ['DE:dsp:590122334455667788', 'FR:dsp:590122334455667788']) {
      const truth = await truthOf(world.simulator, 'dsp_impressions', account, world.dates);
      expect(await heldOf(warehouse, 'dsp_impressions', account, world.dates)).toEqual(truth);
      sums.push(truth);
    }
    expect(sums[0]).not.toEqual(sums[1]);
  });
});

/** What status says on the morning when the first date is settled, and three more can change. */
async function expectFirstDateClosed(world: World, warehouse: WarehouseUnderTest): Promise<void> {
  expect(await world.status(warehouse)).toMatchObject({
    streams: STREAMS.map((stream) => ({
      stream,
      account_id: accountOf(stream),
      since: FIRST_DATE,
      bookmark: FIRST_DATE,
      open_dates: [1, 2, 3].map((days) => addDays(FIRST_DATE, days)),
      missed_dates: [],
      in_flight: 0,
    })).toSorted(
      (a, b) => a.account_id.localeCompare(b.account_id) || a.stream.localeCompare(b.stream),
    ),
  });
}
