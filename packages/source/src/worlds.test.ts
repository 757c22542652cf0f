import { expect, it } from 'vitest';

import { generateWorld } from './testing/generate-world.ts';
import { judgeWorld } from './testing/judge-world.ts';
import { playWorld } from './testing/play-world.ts';

const BUDGET_MS = 60_000;
const CI_WORLDS = 300;
const AT_A_TIME = 2;

const { TRAFFIC_EVENTS_WORLD: only, TRAFFIC_EVENTS_WORLDS: wanted, CI } = process.env;

/** As many as fit in the time, unless a number is asked for. */
const count = wanted === undefined ? (CI === 'true' ? CI_WORLDS : Infinity) : Number(wanted);

function replay(seed: number): string {
  return `TRAFFIC_EVENTS_WORLD=${seed} npx vitest run --project packages/source src/worlds.test.ts`;
}

async function faultsOf(seed: number): Promise<string[]> {
  const faults = await playWorld(generateWorld(seed), judgeWorld).catch((error: unknown) => [
    error instanceof Error ? (error.stack ?? error.message) : String(error),
  ]);
  return faults.length === 0 ? [] : [`replay: ${replay(seed)}`, ...faults];
}

it(
  'generated worlds end with the truth, whatever dies on the way',
  { timeout: 24 * 3_600_000 },
  async () => {
    if (only !== undefined) {
      expect(await faultsOf(Number(only))).toEqual([]);
      return;
    }
    const began = performance.now();
    const isTimeLeft = () => count < Infinity || performance.now() - began < BUDGET_MS;
    let next = 1;
    let played = 0;
    const playOn = async () => {
      for (let seed = next++; seed <= count && isTimeLeft(); seed = next++) {
        expect(await faultsOf(seed)).toEqual([]);
        played += 1;
      }
    };
    // A world waits for its database most of the time.
    await Promise.all(Array.from({ length: AT_A_TIME }, playOn));
    process.stdout.write(`${played} generated worlds ended with the truth\n`);
  },
);
