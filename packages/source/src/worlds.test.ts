import { expect, it } from 'vitest';

import { generateWorld } from './testing/generate-world.ts';
import { judgeWorld } from './testing/judge-world.ts';
import { playWorld } from './testing/play-world.ts';

const BUDGET_MS = 60_000;
const CI_WORLDS = 300;
const AT_A_TIME = 2;
const TOLD_EVERY = 50;

/**
 * Worlds by their seeds: `5000` for those from 1 on, `301-400` for a part of them, `395-395` for one.
 * Unless set, as many as fit in a minute; in CI the first 300.
 */
const { TRAFFIC_EVENTS_WORLDS: wanted, CI } = process.env;

interface Seeds {
  readonly first: number;
  readonly last: number;
}

function seedsOf(text: string): Seeds {
  const [, first = '1', last] = /^(?:(\d+)-)?(\d+)$/.exec(text) ?? [];
  const seeds = { first: Number(first), last: Number(last) };
  if (seeds.first >= 1 && seeds.first <= seeds.last) return seeds;
  throw new Error(`TRAFFIC_EVENTS_WORLDS: expected a number or a range, 5000 or 301-400: ${text}`);
}

function replay(seed: number): string {
  return `TRAFFIC_EVENTS_WORLDS=${seed}-${seed} npx vitest run --project packages/source src/worlds.test.ts`;
}

async function faultsOf(seed: number): Promise<string[]> {
  const faults = await playWorld(generateWorld(seed), judgeWorld).catch((error: unknown) => [
    error instanceof Error ? (error.stack ?? error.message) : String(error),
  ]);
  return faults.length === 0 ? [] : [`replay: ${replay(seed)}`, ...faults];
}

/** Plays on after a world that went wrong, so that a long run says of all of them which did. */
async function playAll({ first, last }: Seeds, isTimeLeft: () => boolean): Promise<string[][]> {
  const wrong: string[][] = [];
  let next = first;
  let played = 0;
  const playOn = async () => {
    for (let seed = next++; seed <= last && isTimeLeft(); seed = next++) {
      const faults = await faultsOf(seed);
      played += 1;
      if (faults.length > 0) wrong.push(faults);
      if (faults.length > 0) process.stdout.write(`${faults.join('\n')}\n`);
      if (played % TOLD_EVERY === 0) tell(played, wrong.length);
    }
  };
  // A world waits for its database most of the time.
  await Promise.all(Array.from({ length: AT_A_TIME }, playOn));
  tell(played, wrong.length);
  return wrong;
}

function tell(played: number, wrong: number): void {
  process.stdout.write(`${played} generated worlds, ${played - wrong} ended with the truth\n`);
}

it(
  'generated worlds end with the truth, whatever dies on the way',
  { timeout: 24 * 3_600_000 },
  async () => {
    const text = wanted ?? (CI === 'true' ? String(CI_WORLDS) : undefined);
    const began = performance.now();
    const wrong =
      text === undefined
        ? await playAll({ first: 1, last: Infinity }, () => performance.now() - began < BUDGET_MS)
        : await playAll(seedsOf(text), () => true);
    expect(wrong).toEqual([]);
  },
);
