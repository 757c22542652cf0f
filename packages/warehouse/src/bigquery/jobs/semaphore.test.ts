import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Semaphore } from './semaphore.ts';

test('work is done in the order in which it came, no more of it at a time than there is room for', async () => {
  const works = fc.array(
    fc.record({ steps: fc.integer({ min: 1, max: 4 }), fails: fc.boolean() }),
    { maxLength: 12 },
  );
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), works, async (width, given) => {
      const semaphore = new Semaphore(width);
      const begun: number[] = [];
      let [busy, most] = [0, 0];
      const outcomes = await Promise.allSettled(
        given.map(({ steps, fails }, index) =>
          semaphore.run(async () => {
            begun.push(index);
            busy += 1;
            most = Math.max(most, busy);
            for (let step = 0; step < steps; step += 1) await setImmediate();
            busy -= 1;
            if (fails) throw new Error('failed');
            return index;
          }),
        ),
      );
      expect(begun).toEqual(given.map((_, index) => index));
      expect(most).toBe(Math.min(width, given.length));
      expect(outcomes.map(({ status }) => status)).toEqual(
        given.map(({ fails }) => (fails ? 'rejected' : 'fulfilled')),
      );
    }),
    { numRuns: 100 },
  );
});
