import { addDays } from '@traffic-events/slice';
import { expect } from 'vitest';
import { heldOf, truthOf } from '../oracle.ts';
import type { Stream } from '../streams.ts';
import { warehouseKind } from '../warehouse-under-test.ts';
import type { WarehouseUnderTest } from '../warehouse-kind.ts';
import { World } from '../world.ts';
import type { WorldOptions } from '../world.ts';

export const DSP = {
  kind: 'dsp',
  marketplace: 'DE',
  advertiserId: '590122334455667788',
} as const;
const SPONSORED = { kind: 'sponsored_ads', marketplace: 'UK', entityId: 'ENTITY1A2B3C' } as const;

export const { streams: STREAMS, days: DAYS } = warehouseKind;
export const FIRST_DATE = '2026-01-05';
/** So many mornings after the first one that a date can be had, nothing of it arrives any more. */
export const ARRIVAL_DAYS = 3;

export const accountOf = (stream: Stream) =>
  stream.startsWith('dsp_') ? 'DE:dsp:590122334455667788' : 'UK:entity:ENTITY1A2B3C';

/** The morning, `days` days after the first event date. */
export const morningOf = (days: number) => `${addDays(FIRST_DATE, days)}T06:00:00Z`;

/** A world of both kinds of account, as large as the warehouse bears, all of whose events have arrived. */
export function startWorld(options: Partial<WorldOptions> = {}): Promise<World> {
  const days = options.days ?? DAYS;
  return World.start({
    accounts: [DSP, SPONSORED],
    from: FIRST_DATE,
    days,
    now: morningOf(days + ARRIVAL_DAYS),
    streams: STREAMS,
    ...options,
  });
}

export async function expectTruth(world: World, warehouse: WarehouseUnderTest): Promise<void> {
  for (const stream of STREAMS) {
    const truth = await truthOf(world.simulator, stream, accountOf(stream), world.dates);
    const held = await heldOf(warehouse, stream, accountOf(stream), world.dates);
    expect(held, stream).toEqual(truth);
  }
}
