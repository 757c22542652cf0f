import { describe, expect, test } from 'vitest';
import { isTriedHere, warehouseKind } from '../warehouse-under-test.ts';
import { crashAndRepeat } from './crash-and-repeat.ts';

const { TRAFFIC_EVENTS_CRASH_SEED: only, CI } = process.env;

/** Each program is killed at least in one of them. */
const LEAST_SEEDS = 3;
/** All of them where nobody waits; elsewhere as many as fit into the time. */
const MOST_SEEDS = CI === 'true' ? 50 : Number.POSITIVE_INFINITY;
const BUDGET_MS = CI === 'true' ? Number.POSITIVE_INFINITY : 25_000;

const replay = (seed: number) =>
  `TRAFFIC_EVENTS_CRASH_SEED=${seed} npx vitest run --project ${warehouseKind.project} crash-and-repeat`;

const playSeed = (seed: number) =>
  crashAndRepeat(seed).catch((error: Error) => {
    throw new Error(`seed ${seed}: ${error.message}\nalone: ${replay(seed)}`, { cause: error });
  });

/** Plays seeds from 0 on, or the one that is asked for; answers how many, and how many kills hit. */
async function playSeeds(): Promise<{ seeds: number; crashes: number }> {
  if (only !== undefined) return { seeds: 1, crashes: await playSeed(Number(only)) };
  const endMs = performance.now() + BUDGET_MS;
  const isNext = (seed: number) =>
    seed < MOST_SEEDS && (seed < LEAST_SEEDS || performance.now() < endMs);
  let crashes = 0;
  let seed = 0;
  for (; isNext(seed); seed += 1) crashes += await playSeed(seed);
  return { seeds: seed, crashes };
}

describe.runIf(isTriedHere)('crash and repeat', () => {
  test(
    'after a SIGKILL of tap, target or sync at any moment nothing is there twice, and the next run ends with the truth',
    { timeout: 3_600_000 },
    async () => {
      const { seeds, crashes } = await playSeeds();
      expect(crashes, 'no kill has hit').toBeGreaterThan(0);
      process.stdout.write(
        `${warehouseKind.project}: ${seeds} seeds with ${crashes} crashes ended with the truth\n`,
      );
    },
  );
});
