import { afterEach, describe, expect, test } from 'vitest';
import { contentOf, wholeContentOf, heldOf, STREAM_METRICS, truthOf } from './oracle.ts';
import { rawCampaignIds } from './raw-api.ts';
import { World } from './world.ts';

const DSP = { kind: 'dsp', marketplace: 'DE', advertiserId: '590122334455667788' } as const;
const SPONSORED = { kind: 'sponsored_ads', marketplace: 'UK', entityId: 'ENTITY1A2B3C' } as const;
const accountOf = (stream: string) =>
  stream.startsWith('dsp_') ? 'DE:dsp:590122334455667788' : 'UK:entity:ENTITY1A2B3C';
const STREAMS = Object.keys(STREAM_METRICS) as (keyof typeof STREAM_METRICS)[];

/** Four event dates, all of them settled when the clock begins. */
const settled = {
  accounts: [DSP, SPONSORED],
  from: '2026-01-05',
  days: 4,
  now: '2026-01-20T06:00:00Z',
};

const worlds: World[] = [];
const worldOf = async (options: Parameters<typeof World.start>[0]) => {
  const world = await World.start(options);
  worlds.push(world);
  return world;
};
afterEach(async () => {
  for (const world of worlds.splice(0)) await world[Symbol.asyncDispose]();
});

async function expectTruth(world: World, database: Awaited<ReturnType<World['database']>>) {
  for (const stream of STREAMS) {
    const truth = await truthOf(world.simulator, stream, accountOf(stream), world.dates);
    expect(await heldOf(database, stream, accountOf(stream), world.dates), stream).toEqual(truth);
  }
}

describe('from the API to the warehouse', () => {
  test('tap | target and sync give the same warehouse, and it is the truth', async () => {
    const world = await worldOf(settled);
    const [piped, synced] = [await world.database(), await world.database()];
    const pipe = await world.pipe(piped);
    expect(pipe.tap, pipe.tap.stderr).toMatchObject({ code: 0 });
    expect(pipe.target, pipe.target.stderr).toMatchObject({ code: 0 });
    const sync = await world.sync(synced);
    expect(sync, sync.stderr).toMatchObject({ code: 0 });
    for (const stream of STREAMS) {
      const content = await contentOf(piped, stream);
      if (!stream.includes('invalid')) expect(content).not.toEqual([]);
      expect(await contentOf(synced, stream)).toEqual(content);
    }
    await expectTruth(world, piped);
    await expectTruth(world, synced);
  });

  test('running again changes nothing', async () => {
    const world = await worldOf(settled);
    const [piped, synced] = [await world.database(), await world.database()];
    const first = await world.pipe(piped);
    await world.sync(synced);
    const before = [await wholeContentOf(piped), await wholeContentOf(synced)];
    const state = first.states.at(-1);
    const again = await world.pipe(piped, { state });
    const lost = await world.pipe(piped); // as if the state file had been deleted
    const sync = await world.sync(synced);
    expect([again.target.code, lost.target.code, sync.code]).toEqual([0, 0, 0]);
    const after = [await wholeContentOf(piped), await wholeContentOf(synced)];
    expect(after).toEqual(before);
  });

  test('events that arrive late are there after the syncs of the following days', async () => {
    const world = await worldOf({ ...settled, now: '2026-01-06T06:00:00Z' });
    const database = await world.database();
    for (let day = 6; day <= 12; day += 1) {
      world.clock.advanceTo(Date.UTC(2026, 0, day, 6));
      const { code, stderr } = await world.sync(database);
      expect(code, stderr).toBe(0);
    }
    await expectTruth(world, database);
    const open = await database.query(
      `SELECT state->>'bookmark' AS bookmark FROM _traffic_events_state`,
    );
    expect(open).toEqual(STREAMS.map(() => ({ bookmark: '2026-01-08' })));
  });

  test('the same advertiser id in two marketplaces is two accounts', async () => {
    const accounts = [DSP, { ...DSP, marketplace: 'FR' }] as const;
    const world = await worldOf({ ...settled, accounts, days: 2 });
    const database = await world.database();
    const { code, stderr } = await world.sync(database);
    expect(code, stderr).toBe(0);
    const sums = [];
    for (const account of ['DE:dsp:590122334455667788', 'FR:dsp:590122334455667788']) {
      const truth = await truthOf(world.simulator, 'dsp_impressions', account, world.dates);
      expect(await heldOf(database, 'dsp_impressions', account, world.dates)).toEqual(truth);
      sums.push(truth);
    }
    expect(sums[0]).not.toEqual(sums[1]);
  });
});

test('status says since when, until when, and what is open', async () => {
  const world = await worldOf({ ...settled, now: '2026-01-11T06:00:00Z' });
  const database = await world.database();
  const nothing = await world.status(database);
  expect(nothing).toEqual({ streams: [] });
  await world.sync(database);
  expect(await world.status(database)).toMatchObject({
    streams: STREAMS.map((stream) => ({
      stream,
      account_id: accountOf(stream),
      since: '2026-01-05',
      bookmark: '2026-01-07',
      open_dates: ['2026-01-08', '2026-01-09', '2026-01-10'],
      missed_dates: [],
      in_flight: 0,
    })).toSorted(
      (a, b) => a.account_id.localeCompare(b.account_id) || a.stream.localeCompare(b.stream),
    ),
  });
});

describe('a killed process', () => {
  test.each(['tap', 'target'] as const)(
    '%s: the next run gives the right totals',
    async (program) => {
      const world = await worldOf({ ...settled, eventsPerDay: 100 });
      const database = await world.database();
      const killed = await world.pipe(database, { kill: { program, afterLines: 150 } });
      expect(killed[program].signal).toBe('SIGKILL');
      const state = killed.states.at(-1);
      const next = await world.pipe(database, { state });
      expect(next.target, next.target.stderr).toMatchObject({ code: 0 });
      expect(next.tap, next.tap.stderr).toMatchObject({ code: 0 });
      await expectTruth(world, database);
    },
  );
});

describe('ids above 2^53', () => {
  test('arrive digit by digit', async () => {
    const world = await worldOf({ ...settled, days: 1 });
    const [piped, synced] = [await world.database(), await world.database()];
    await world.pipe(piped);
    await world.sync(synced);
    const delivered = await rawCampaignIds(world.simulator, DSP, world.dates);
    for (const database of [piped, synced]) {
      const rows = await database.query<{ id: string }>(
        `SELECT DISTINCT campaign_id::text AS id FROM dsp_impressions WHERE campaign_id IS NOT NULL ORDER BY 1`,
      );
      const ids = rows.map((row) => row.id);
      expect(ids.some((id) => BigInt(id) > 2n ** 53n)).toBe(true);
      expect(delivered).toEqual(expect.arrayContaining(ids));
    }
  });
});
