import { expect, it } from 'vitest';

import { HOUR_MS } from '../streams/timing.ts';
import { isCalm } from './calm.ts';
import { generateWorld } from './generate-world.ts';
import type { PlayedRun } from './play-run.ts';
import { LONGEST_WAIT_MS } from './play-world.ts';

type Run = Parameters<typeof isCalm>[0];

const [planned] = generateWorld(1).runs;
const summary = { interrupted: false, adopted: 0 } as NonNullable<PlayedRun['summary']>;
const adopting = { ...summary, adopted: 4 };
const trouble = { kind: 'archive_full', oneIn: 2 } as const;

function runAt(hour: number, run: Partial<Run>, troubles: readonly (typeof trouble)[] = []): Run {
  if (planned === undefined) throw new TypeError('a world has runs');
  const atMs = hour * HOUR_MS;
  const plan = { ...planned, troubles, maxDurationMs: undefined };
  return { plan, summary, startedMs: atMs, endedMs: atMs, wasRefused: false, ...run };
}

const LATER = LONGEST_WAIT_MS / HOUR_MS + 1;

it.each<[string, boolean, readonly Run[]]>([
  ['with nothing before it', true, []],
  ['soon after trouble', false, [runAt(LATER, {}, [trouble])]],
  ['long after trouble', true, [runAt(0, {}, [trouble])]],
  [
    'after one that took over what trouble had struck',
    false,
    [runAt(0, {}, [trouble]), runAt(LATER, { summary: adopting })],
  ],
  [
    'after one that died, and may have',
    false,
    [runAt(0, {}, [trouble]), runAt(LATER, { summary: undefined })],
  ],
  [
    'after one that was refused',
    true,
    [runAt(0, {}, [trouble]), runAt(LATER, { summary: undefined, wasRefused: true })],
  ],
  ['after one that took over what nothing had struck', true, [runAt(LATER, { summary: adopting })]],
])('a run %s is calm: %s', (_, expected, before) => {
  const run = runAt(2 * LATER - 2, {});
  expect(isCalm(run, [...before, run])).toBe(expected);
});

it('a run that took over what trouble had struck is not calm, however long after', () => {
  const run = runAt(10 * LATER, { summary: adopting });
  expect(isCalm(run, [runAt(0, {}, [trouble]), run])).toBe(false);
});
