import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { LeapingClock } from '../testing/leaping-clock.ts';
import { SlotPool } from './slot-pool.ts';

function poolOf(limit: number, checkHeld: (ids: readonly string[]) => void = () => {}) {
  const clock = new LeapingClock(0);
  const pool = new SlotPool({
    accountKey: 'DE:dsp:1',
    limit,
    clock,
    random: () => 1,
    checkHeld: async (ids) => checkHeld(ids),
  });
  return { pool, clock };
}

const HOUR_MS = 3_600_000;

describe('SlotPool', () => {
  it('never gives out more slots than there are, and serves everybody in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.constantFrom('bind', 'release', 'refuse'), { minLength: 1, maxLength: 12 }),
        async (limit, ends) => {
          const { pool, clock } = poolOf(limit);
          const served: number[] = [];
          let [out, most] = [0, 0];
          await Promise.all(
            ends.map(async (end, index) => {
              const slot = await pool.reserve(1_000 * HOUR_MS);
              served.push(index);
              out += 1;
              most = Math.max(most, out);
              await clock.sleep(1_000);
              if (end === 'refuse') slot.refuse();
              if (end === 'release') slot.release();
              if (end === 'bind') {
                slot.bind(`e${index}`);
                await clock.sleep(60_000);
                pool.vacate(`e${index}`);
              }
              out -= 1;
            }),
          );
          expect(most).toBeLessThanOrEqual(limit);
          expect(served).toStrictEqual(ends.map((_, index) => index));
        },
      ),
      { numRuns: 20 },
    );
  });

  it('frees a slot only when its execution has ended', async () => {
    const { pool } = poolOf(1);
    (await pool.reserve(HOUR_MS)).bind('e1');
    await expect(pool.reserve(HOUR_MS)).rejects.toMatchObject({
      code: 'capacity',
      message:
        'No slot of DE:dsp:1 came free in time: 1 of 1 are held by executions of this program. Try again later, or raise capacityTimeoutMs',
    });
    pool.vacate('e1');
    (await pool.reserve(2 * HOUR_MS)).release();
  });

  it('counts executions that others created', async () => {
    const { pool } = poolOf(2);
    pool.occupy('adopted');
    pool.occupy('adopted');
    (await pool.reserve(HOUR_MS)).bind('e1');
    expect(pool.heldIds).toStrictEqual(['adopted', 'e1']);
    await expect(pool.reserve(HOUR_MS)).rejects.toMatchObject({ code: 'capacity' });
  });

  it('asks about executions that nobody follows when a create waits for them', async () => {
    const asked: (readonly string[])[] = [];
    const { pool, clock } = poolOf(1, (ids) => {
      asked.push(ids);
      if (asked.length === 3) pool.vacate('e1');
    });
    (await pool.reserve(HOUR_MS)).bind('e1');
    (await pool.reserve(HOUR_MS)).release();
    expect(asked).toStrictEqual([['e1'], ['e1'], ['e1']]);
    expect(clock.now()).toBe(180_000);
  });

  it('waits longer after each refusal, lets one find out, and goes on at once when a slot frees', async () => {
    const { pool, clock } = poolOf(3);
    (await pool.reserve(HOUR_MS)).bind('mine');
    const atMs: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const slot = await pool.reserve(HOUR_MS);
      atMs.push(clock.now());
      slot.refuse();
    }
    expect(atMs).toStrictEqual([0, 15_000, 45_000, 105_000, 225_000]);
    pool.vacate('mine');
    (await pool.reserve(HOUR_MS)).release();
    expect(clock.now()).toBe(225_000);
  });

  it('lets go of a waiter that is aborted', async () => {
    const { pool } = poolOf(1);
    (await pool.reserve(HOUR_MS)).bind('e1');
    const controller = new AbortController();
    const first = pool.reserve(HOUR_MS, controller.signal);
    const second = pool.reserve(HOUR_MS);
    controller.abort(new Error('stop'));
    await expect(first).rejects.toThrow('stop');
    pool.vacate('e1');
    (await second).release();
  });
});
