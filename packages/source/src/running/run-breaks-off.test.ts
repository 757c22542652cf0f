import type { Account } from '@traffic-events/client';
import { beforeEach, expect, it } from 'vitest';

import { outcomeOf } from './run-summary.ts';
import type { RunSummary } from './run-summary.ts';
import { MemorySink } from '../testing/memory-sink.ts';
import { dsp, startSmallWorld } from '../testing/small-world.ts';
import type { World, WorldOptions } from '../testing/world.ts';

const other: Account = { ...dsp, marketplace: 'UK' };

let sink: MemorySink;
beforeEach(() => {
  sink = new MemorySink();
});

const world = (options: Partial<WorldOptions> = {}) =>
  startSmallWorld({ now: '2026-01-30T06:00:00Z', accounts: [dsp, other], ...options });

/** What a run that throws has told before. */
async function brokenOff(here: World, reason: string): Promise<RunSummary | undefined> {
  let told: RunSummary | undefined;
  const run = here.run(sink, { onFailed: (summary) => (told = summary) });
  await expect(run).rejects.toThrow(reason);
  return told;
}

const risksOf = (summary: RunSummary | undefined) =>
  summary?.atRisk.map(({ accountId, eventDate }) => `${accountId.slice(0, 2)} ${eventDate}`).sort();

const ALL = ['DE 2026-01-01', 'DE 2026-01-02', 'UK 2026-01-01', 'UK 2026-01-02'];

it('names the dates at risk where the warehouse is lost in the middle, and counts on nothing that is not safe', async () => {
  await using here = await world();
  const risksLeft = () => {
    const keys = [...sink.slices.keys()];
    const held = new Set(keys.map((key) => `${key.slice(16, 18)} ${key.slice(-10)}`));
    return ALL.filter((risk) => !held.has(risk));
  };
  let slices = 0;
  sink.onCall = (call) => {
    if (call.startsWith('slice') && (slices += 1) > 2) throw new Error('the warehouse is gone');
  };
  const summary = await brokenOff(here, 'the warehouse is gone');
  expect(risksOf(summary)).toEqual(risksLeft());
  expect(risksLeft().length).toBeGreaterThan(0);
  expect(outcomeOf(summary!)).toBe('dateAtRisk');
});

it('names them where the sink cannot be opened', async () => {
  await using here = await world();
  sink.open = () => Promise.reject(new Error('another run holds the account'));
  expect(risksOf(await brokenOff(here, 'another run holds'))).toEqual(ALL);
});

it('names them where the credentials are refused', async () => {
  await using here = await world({ client: { refreshToken: 'Atzr|wrong' } });
  const summary = await brokenOff(here, 'Login with Amazon refused the credentials');
  expect(risksOf(summary)).toEqual(ALL);
});

it('names them where the clocks are too far apart to date anything', async () => {
  await using here = await world();
  const { clock } = here.time;
  const slow = { ...clock, now: () => clock.now() - 3_600_000 };
  const client = here.client({ clock: slow });
  let told: RunSummary | undefined;
  const run = here.run(sink, { client, clock: slow, onFailed: (summary) => (told = summary) });
  await expect(run).rejects.toThrow('more than five minutes apart');
  await client.close();
  expect(risksOf(told)).toEqual(ALL);
});

it.each([
  [
    'the credentials of which were refused',
    async (here: World) => {
      const client = here.client({ refreshToken: 'Atzr|wrong' });
      await expect(here.run(sink, { client })).rejects.toThrow('refused the credentials');
      await client.close();
    },
  ],
  [
    'that was killed before its first execution was known',
    async (here: World) => {
      sink.onCall = (call) => {
        if (call === 'state') throw new Error('killed');
      };
      await expect(here.run(sink)).rejects.toThrow('killed');
      sink.onCall = () => {};
    },
  ],
])('lets what expires after a first run %s count as missed', async (_, firstRun) => {
  await using here = await world();
  await firstRun(here);
  expect(sink.slices.size).toBe(0);
  here.moveTo('2026-02-04T06:00:00Z');
  const { missed, beforeStart } = await here.run(sink);
  const dates = missed.map(({ accountId, eventDate }) => `${accountId.slice(0, 2)} ${eventDate}`);
  expect(dates.sort()).toEqual(['DE 2026-01-01', 'UK 2026-01-01']);
  expect(beforeStart).toEqual([]);
});
