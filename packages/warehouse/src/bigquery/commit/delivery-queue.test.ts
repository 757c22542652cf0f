import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Delivery } from '../../driver.ts';
import { RUN } from '../../testing/slice-fixtures.ts';
import { DeliveryQueue } from './delivery-queue.ts';
import { DEFAULT_GROUP_LIMITS } from './flush-groups.ts';

import { deliveries } from '../testing/deliveries.ts';
import { ledgerRow } from '../../testing/slice-fixtures.ts';

const limits = { ...DEFAULT_GROUP_LIMITS, maxRows: 30 };

/** The fault of a delivery: it fails every flush that it is in. */
class Unfit extends Error {}

interface Played {
  /** Deliveries by number, a list for each flush that was committed. */
  readonly committed: number[][];
  readonly settled: readonly PromiseSettledResult<number>[];
}

interface Plan {
  readonly all: readonly Delivery[];
  /** Deliveries that fail. */
  readonly unfit: ReadonlySet<number>;
  /** The flush, counted from 0, at which the warehouse is gone. */
  readonly goneAt: number;
}

/** Gives everything to a queue, in its order, at moments that the scheduler chooses between flushes. */
async function play(scheduler: fc.Scheduler, { all, unfit, goneAt }: Plan): Promise<Played> {
  const committed: number[][] = [];
  let tried = 0;
  let underWay = 0;
  const queue = new DeliveryQueue<number>({
    limits,
    gather: () => scheduler.schedule(Promise.resolve(), 'gather'),
    isOfOne: (error) => error instanceof Unfit,
    commit: async (group) => {
      underWay += 1;
      expect(underWay).toBe(1);
      const isGone = tried++ >= goneAt;
      await scheduler.schedule(Promise.resolve(), 'commit');
      underWay -= 1;
      if (isGone) throw new Error('gone');
      const numbers = group.map((delivery) => all.indexOf(delivery));
      const bad = numbers.find((number) => unfit.has(number));
      if (bad !== undefined) throw new Unfit(`delivery ${bad}`);
      committed.push(numbers);
      return numbers;
    },
  });
  const results: Promise<number>[] = [];
  const { task } = scheduler.scheduleSequence(
    all.map((delivery) => async () => void results.push(queue.add(delivery))),
  );
  await scheduler.waitFor(task);
  const settled = await scheduler.waitFor(Promise.allSettled(results));
  await queue.idle();
  return { committed, settled };
}

const plans = deliveries.chain((all) =>
  fc.record({
    all: fc.constant(all),
    unfit: fc
      .array(fc.nat({ max: 40 }), { maxLength: 2 })
      .map((numbers): ReadonlySet<number> => new Set(numbers)),
    goneAt: fc.oneof(fc.constant(Infinity), fc.nat({ max: 6 })),
  }),
);

test('calls are committed in their order, each settles once with its own outcome, and none after a failure', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), plans, async (scheduler, plan) => {
      const { committed, settled } = await play(scheduler, plan);
      const done = committed.flat();
      expect(done).toEqual(plan.all.slice(0, done.length).map((_, number) => number));
      expect(settled).toHaveLength(plan.all.length);
      settled.forEach((result, number) => {
        if (number < done.length) expect(result).toEqual({ status: 'fulfilled', value: number });
        else expect(result).toMatchObject({ status: 'rejected' });
      });
      const reasons = new Set(
        settled.flatMap((result) => (result.status === 'rejected' ? [result.reason] : [])),
      );
      expect(reasons.size).toBe(done.length === plan.all.length ? 0 : 1);
      expect(done.length).toBe(firstFailure(plan, done, reasons));
    }),
  );
});

/** Up to which delivery all had to be committed. */
function firstFailure({ all, unfit }: Plan, done: number[], reasons: ReadonlySet<unknown>): number {
  const [reason] = reasons;
  if (reason === undefined) return all.length;
  if (!(reason instanceof Unfit)) return done.length;
  return Math.min(...[...unfit].filter((number) => number < all.length));
}

/** What is in a delivery that the warehouse cannot take. */
class Refused extends Error {}

test('a delivery that is refused has that for an outcome, and its neighbours have theirs', async () => {
  await fc.assert(
    fc.asyncProperty(
      deliveries,
      fc.array(fc.nat({ max: 30 }), { maxLength: 4 }),
      async (all, refused) => {
        const committed: number[] = [];
        const queue = new DeliveryQueue<number | 'refused'>({
          limits,
          gather: () => Promise.resolve(),
          isOfOne: (error) => error instanceof Refused,
          refusalOf: (error) => (error instanceof Refused ? 'refused' : undefined),
          commit: async (group) => {
            const numbers = group.map((delivery) => all.indexOf(delivery));
            if (numbers.some((number) => refused.includes(number))) throw new Refused();
            committed.push(...numbers);
            return numbers;
          },
        });
        const outcomes = await Promise.all(all.map((delivery) => queue.add(delivery)));
        expect(outcomes).toEqual(
          all.map((_, number) => (refused.includes(number) ? 'refused' : number)),
        );
        expect(committed).toEqual(outcomes.filter((outcome) => outcome !== 'refused'));
      },
    ),
  );
});

test('who is refused can take back what later deliveries build on before they are committed', async () => {
  let held = 'all';
  const queue = new DeliveryQueue<string>({
    limits,
    gather: () => Promise.resolve(),
    isOfOne: () => true,
    refusalOf: () => 'refused',
    commit: async (group) => {
      if (group.some(({ ledger }) => ledger.length > 0)) throw new Refused();
      return group.map(() => held);
    },
  });
  const bad = { ...good(), ledger: [ledgerRow({ executionId: 'e1', rowCount: 0, clicks: null })] };
  const taken = async () => {
    if ((await queue.add(bad)) === 'refused') held = 'the rest';
  };
  const [, outcome] = await Promise.all([taken(), queue.add(good())]);
  expect(outcome).toBe('the rest');
});

/** Whatever can go on has gone on. */
const goneOn = () => new Promise((resolve) => setImmediate(resolve));

const good = (): Delivery => ({ ledger: [], changes: [], run: RUN });

test('an idle queue commits a lone call by itself; what comes meanwhile goes into the next flush', async () => {
  const gates: PromiseWithResolvers<void>[] = [];
  const sizes: number[] = [];
  const queue = new DeliveryQueue<void>({
    limits,
    gather: () => Promise.resolve(),
    isOfOne: () => false,
    commit: async (group) => {
      sizes.push(group.length);
      const gate = Promise.withResolvers<void>();
      gates.push(gate);
      await gate.promise;
      return group.map(() => undefined);
    },
  });
  const first = queue.add(good());
  await goneOn();
  const others = Array.from({ length: 7 }, () => queue.add(good()));
  gates[0]?.resolve();
  await first;
  await goneOn();
  gates[1]?.resolve();
  await Promise.all(others);
  expect(sizes).toEqual([1, 7]);
});

test('what fails together is tried in halves, so that one slice does not keep back others', async () => {
  const flushes: number[] = [];
  const bad = good();
  const queue = new DeliveryQueue<string>({
    limits,
    gather: () => Promise.resolve(),
    isOfOne: (error) => error instanceof Unfit,
    commit: async (group) => {
      flushes.push(group.length);
      if (group.includes(bad)) throw new Unfit('a cell does not fit');
      return group.map(() => 'applied');
    },
  });
  const calls = [good(), bad, good()].map((delivery) => queue.add(delivery));
  expect(await Promise.allSettled(calls)).toMatchObject([
    { status: 'fulfilled', value: 'applied' },
    { status: 'rejected', reason: { message: 'a cell does not fit' } },
    { status: 'rejected', reason: { message: 'a cell does not fit' } },
  ]);
  expect(flushes).toEqual([3, 2, 1, 1]);
  await expect(queue.add(good())).rejects.toThrow('a cell does not fit');
  expect(flushes).toEqual([3, 2, 1, 1]);
});

test('one of many that is refused costs a few flushes, and its neighbours none of them', async () => {
  const flushes: number[] = [];
  const all = Array.from({ length: 64 }, good);
  const bad = all[40];
  const queue = new DeliveryQueue<string>({
    limits: DEFAULT_GROUP_LIMITS,
    gather: () => Promise.resolve(),
    isOfOne: (error) => error instanceof Unfit,
    refusalOf: () => 'refused',
    commit: async (group) => {
      flushes.push(group.length);
      if (bad !== undefined && group.includes(bad)) throw new Unfit('a cell does not fit');
      return group.map(() => 'applied');
    },
  });
  const outcomes = await Promise.all(all.map((delivery) => queue.add(delivery)));
  expect(outcomes).toEqual(all.map((delivery) => (delivery === bad ? 'refused' : 'applied')));
  expect(flushes).toHaveLength(1 + 2 * Math.log2(all.length));
});
