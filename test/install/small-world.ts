import { expect } from 'vitest';
import { heldOf, truthOf } from '../e2e/oracle.ts';
import type { WarehouseUnderTest } from '../e2e/warehouse-kind.ts';
import { World } from '../e2e/world.ts';
import type { Installation } from '../e2e/world.ts';

const STREAMS = ['dsp_impressions', 'dsp_clicks'] as const;

/** A few days of one account, all of whose events have arrived, for programs as they are installed. */
export function startSmallWorld(installation?: Installation): Promise<World> {
  return World.start({
    accounts: [{ kind: 'dsp', marketplace: 'DE', advertiserId: '590122334455667788' }],
    from: '2026-01-05',
    days: 2,
    now: '2026-01-10T06:00:00Z',
    streams: STREAMS,
    ...(installation !== undefined && { installation }),
  });
}

/** That the warehouse holds what the simulated API knows. */
export async function expectTruth(world: World, warehouse: WarehouseUnderTest): Promise<void> {
  for (const stream of STREAMS) {
    const account = 'DE:dsp:590122334455667788';
    const truth = await truthOf(world.simulator, stream, account, world.dates);
    expect(Object.values(truth).some((total) => total !== '0')).toBe(true);
    expect(await heldOf(warehouse, stream, account, world.dates)).toEqual(truth);
  }
}
