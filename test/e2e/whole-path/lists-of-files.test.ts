import type { SimulatorOptions } from '@traffic-events/simulator';
import { describe, expect, test } from 'vitest';
import { loadedOf, truthOf } from '../oracle.ts';
import { isTriedHere, warehouseKind } from '../warehouse-under-test.ts';
import type { WarehouseUnderTest } from '../warehouse-kind.ts';
import type { World } from '../world.ts';
import { accountOf, ARRIVAL_DAYS, DSP, morningOf, startWorld } from './settled-world.ts';

const STREAM = 'dsp_impressions';
const DAYS = 2;

/** What became of the executions of the world's dates, and why, in the order of time. */
function ledgerOf({ dates }: World, warehouse: WarehouseUnderTest) {
  return warehouse.query<{ status: string; reason: string | null; is_unknown: boolean }>(
    `SELECT status, reason, row_count IS NULL AS is_unknown FROM ${warehouse.nameOf('extractions')}
     WHERE event_date <= '${dates.at(-1)}' ORDER BY recorded_at`,
  );
}

async function expectEachRowOnce(world: World, warehouse: WarehouseUnderTest): Promise<void> {
  const truth = await truthOf(world.simulator, STREAM, accountOf(STREAM), world.dates);
  expect(await loadedOf(warehouse, STREAM, accountOf(STREAM))).toEqual(truth);
}

describe.runIf(isTriedHere)('lists of download URLs', () => {
  test('without entries settle nothing, and with a token that never changes give each row once', async () => {
    const simulator: Partial<SimulatorOptions> = {
      urlTokens: 'same',
      secondUrlKey: 'same',
      faults: { rules: [{ operation: 'download_urls', times: null, fault: { kind: 'no_urls' } }] },
    };
    await using world = await startWorld({
      accounts: [DSP],
      streams: [STREAM],
      days: DAYS,
      simulator,
    });
    const [synced, piped] = [
      await world.warehouse(warehouseKind),
      await world.warehouse(warehouseKind),
    ];
    expect((await world.sync(synced)).code).toBe(0);
    const { tap, states } = await world.pipe(piped);
    expect(tap.code, tap.stderr).toBe(0);
    for (const warehouse of [synced, piped]) {
      expect(await ledgerOf(world, warehouse)).toEqual(
        world.dates.map(() => ({
          status: 'open',
          reason: expect.stringContaining('the API listed no file for it'),
          is_unknown: true,
        })),
      );
    }
    await fetch(`${world.simulator.url}/_simulator/faults`, {
      method: 'POST',
      body: '{"rules":[]}',
    });
    world.clock.advanceTo(Date.parse(morningOf(DAYS + ARRIVAL_DAYS + 1)));
    expect((await world.sync(synced)).code).toBe(0);
    expect((await world.pipe(piped, { state: states.at(-1) })).tap.code).toBe(0);
    for (const warehouse of [synced, piped]) {
      await expectEachRowOnce(world, warehouse);
      expect((await ledgerOf(world, warehouse)).slice(DAYS)).toEqual(
        world.dates.map(() => ({ status: 'settled', reason: null, is_unknown: false })),
      );
    }
  });
});
