import { describe, expect, it } from 'vitest';

import { isBundled } from '../bundles/compose-bundles.ts';
import { closedSpans } from '../state/partition.ts';
import { builtInStreams } from '../streams/default-streams.ts';
import { DAY_MS } from '../streams/timing.ts';
import { MemorySink } from '../testing/memory-sink.ts';
import { dsp, startSmallWorld } from '../testing/small-world.ts';
import type { World, WorldOptions } from '../testing/world.ts';

const SOURCES = new Set(['dsp_impressions', 'dsp_views']);
const bundled = builtInStreams().filter(isBundled);
const streams = bundled.filter(({ dataSources }) =>
  dataSources.some((table) => SOURCES.has(table)),
);

/** From the start to yesterday. */
const DATES = 8;
/** Nothing more can arrive. */
const SETTLED = ['2026-01-04', '2026-01-05', '2026-01-06', '2026-01-07', '2026-01-08'];

const EVENTS = {
  kind: 'generated',
  seed: 7,
  fromDate: '2026-01-04',
  days: 60,
  eventsPerDay: 60,
} as const;

const start = (options: Partial<WorldOptions> = {}): Promise<World> =>
  startSmallWorld({
    streams,
    accounts: [dsp],
    now: '2026-01-12T06:00:00Z',
    startDate: '2026-01-04',
    events: EVENTS,
    ...options,
  });

const proofsOf = (sink: MemorySink) =>
  Object.fromEntries(sink.savedState.map(({ stream, state }) => [stream, state.bundle?.proof]));
const closedIn = (sink: MemorySink) =>
  Object.fromEntries(sink.savedState.map(({ stream, state }) => [stream, closedSpans(state)]));
/** Streams that a query may have, by what a run has kept. */
const limitIn = (sink: MemorySink) =>
  Math.min(...sink.savedState.map(({ state }) => state.bundle_limit?.members ?? Infinity));
const ofAll = (value: unknown) => Object.fromEntries(streams.map(({ name }) => [name, value]));

const isRefused = (name: string) => name.startsWith('dsp_impressions');

/** Streams whose execution of each settled date stands in the ledger as the one that settled it. */
function settledBy(sink: MemorySink) {
  return sink.ledgerRows
    .filter(({ status }) => status === 'settled')
    .map(({ event_date: date, workflow_id: id }) => [date, id?.split('.')[1] ?? 'proof']);
}

describe('the proof of bundles', () => {
  it('is one date that is asked for alone as well, and closes what waited for it', async () => {
    await using world = await start({ unionThresholds: 'branch' });
    const sink = new MemorySink();
    sink.onCall = () => {
      const settled = sink.ledgerRows.filter(
        (row) => row.status === 'settled' && row.workflow_id?.startsWith('te._bundle.'),
      );
      const isProven = Object.values(proofsOf(sink)).includes('good');
      expect(isProven || settled.length === 0).toBe(true);
    };
    const { created } = await world.run(sink, { bundle: 'auto' });
    expect(created).toBe(DATES + streams.length);
    expect(proofsOf(sink)).toEqual(ofAll('good'));
    expect(closedIn(sink)).toEqual(ofAll([[SETTLED[0], SETTLED.at(-1)]]));
    const settled = sink.ledgerRows.filter(({ status }) => status === 'settled');
    const said = Map.groupBy(settled, ({ reason }) => reason?.replace(/ by \S+/, ''));
    expect(said.get('a bundle had said the same')).toHaveLength(streams.length);
    expect([...said.keys()]).toContain('the account has shown that its bundles are right');
    expect(await world.run(sink, { bundle: 'auto' })).toMatchObject({ created: 0 });
  });

  it('closes slices from bundles alone once it is good, and is made again after 30 days', async () => {
    await using world = await start();
    const sink = new MemorySink();
    await world.run(sink, { bundle: 'auto', slots: 1 });
    world.advance(DAY_MS);
    expect(await world.run(sink, { bundle: 'auto' })).toMatchObject({ created: 4 });
    expect(settledBy(sink)).toContainEqual(['2026-01-09', '_bundle']);
    world.advance(30 * DAY_MS);
    await world.run(sink, { bundle: 'auto' });
    const dates = new Set(sink.savedState.map(({ state }) => state.bundle?.event_date));
    expect(proofsOf(sink)).toEqual(ofAll('good'));
    expect(dates).not.toContain('2026-01-04');
  });

  it('refuses bundles in which more is withheld, and asks for each slice alone then', async () => {
    await using world = await start({ unionThresholds: 'medium' });
    const sink = new MemorySink();
    const { failed } = await world.run(sink, { bundle: 'auto' });
    expect(failed).toEqual([]);
    // Of a view little is withheld that has not been already.
    expect(proofsOf(sink)).toEqual(
      Object.fromEntries(streams.map(({ name }) => [name, isRefused(name) ? 'refused' : 'good'])),
    );
    expect(closedIn(sink)).toEqual(ofAll([[SETTLED[0], SETTLED.at(-1)]]));
    const settled = sink.ledgerRows.filter((row) => row.status === 'settled');
    const bySelf = settled.filter(({ stream }) => isRefused(stream));
    expect(bySelf).toHaveLength(3 * SETTLED.length);
    for (const row of bySelf) expect(row.workflow_id).toContain(`te.${row.stream}.`);
    expect(sink.savedState[0]?.state.bundle?.reason).toMatch(
      /^a bundle withholds .* its own query/,
    );
    world.advance(DAY_MS);
    // Four dates: three streams alone, and the others together.
    expect(await world.run(sink, { bundle: 'auto' })).toMatchObject({ created: 4 * (3 + 1) });
  });

  it('asks alone for sources without rows, which prove nothing, until they have some', async () => {
    await using world = await start();
    const names = new Set(['dsp_impressions', 'dsp_clicks']);
    const options = {
      bundle: 'auto',
      // One after the other, so that the first date is the one compared, which has no clicks.
      slots: 1,
      streams: bundled.filter(({ dataSources }) => dataSources.some((table) => names.has(table))),
    } as const;
    const sink = new MemorySink();
    const ofClicks: unknown[] = [];
    sink.onCall = () => {
      const proof = proofsOf(sink)['dsp_clicks'];
      if (proof !== ofClicks.at(-1)) ofClicks.push(proof);
    };
    await world.run(sink, options);
    // The first date has no clicks, the next one has one, and the one after that has none.
    expect(ofClicks).toEqual(['open', 'empty', 'open', 'empty']);
    expect(proofsOf(sink)).toMatchObject({
      dsp_impressions: 'good',
      dsp_impressions_total: 'good',
    });
    const closed = Object.values(closedIn(sink));
    expect(closed).toEqual(closed.map(() => [[SETTLED[0], SETTLED.at(-1)]]));
  });

  it('stays open where too many ran over the same data', async () => {
    await using world = await start({ overlapLimit: 1 });
    const sink = new MemorySink();
    await world.run(sink, { bundle: 'auto' });
    expect(new Set(Object.values(proofsOf(sink)))).toEqual(new Set(['overlap']));
    expect(settledBy(sink)).toEqual([]);
  });

  it('asks for each slice alone where that takes less time, for 30 days', async () => {
    await using world = await start({ unionSlowdown: 3, executionDurationMs: 60_000 });
    const sink = new MemorySink();
    await world.run(sink, { bundle: 'auto' });
    expect(limitIn(sink)).toBe(1);
    expect(closedIn(sink)).toEqual(ofAll([[SETTLED[0], SETTLED.at(-1)]]));
    world.advance(DAY_MS);
    // Four dates, one stream after the other.
    expect(await world.run(sink, { bundle: 'auto' })).toMatchObject({
      created: 4 * streams.length,
    });
  });

  it.each([1, 2])('asks for fewer only once two executions FAILED: %d', async (times) => {
    const streamsOfOne = streams.filter(({ dataSources }) => dataSources.includes('dsp_views'));
    await using world = await start({ streams: streamsOfOne });
    const rules = [{ operation: 'create', times, fault: { kind: 'execution_fails' } }];
    await world.control('faults', { rules });
    const sink = new MemorySink();
    await world.run(sink, { bundle: 'auto', slots: 1 });
    expect(limitIn(sink)).toBe(times === 1 ? Infinity : 1);
  });

  it('asks for fewer where an execution does not end in time', async () => {
    await using world = await start({ unionSlowdown: 3 });
    const sink = new MemorySink();
    await world.run(sink, { bundle: 'auto' });
    const limits = () => new Set(sink.savedState.map(({ state }) => state.bundle_limit?.members));
    expect([...limits()].every((limit) => limit !== undefined && limit < streams.length)).toBe(
      true,
    );
    world.advance(DAY_MS / 2);
    await world.run(sink, { bundle: 'auto' });
    expect(limitIn(sink)).toBe(1);
    world.advance(DAY_MS / 2);
    expect(await world.run(sink, { bundle: 'auto' })).toMatchObject({ failed: [] });
    const [held] = closedIn(sink)['dsp_views']?.[0] ?? [];
    expect(held).toBe(SETTLED[0]);
  });

  it('takes a total without events for none, of a service without HAVING', async () => {
    await using world = await start({ having: false, events: { ...EVENTS, days: 2 } });
    const sink = new MemorySink();
    const { failed } = await world.run(sink, { bundle: 'off' });
    expect(failed).toEqual([]);
    const totals = sink.ledgerRows.filter(({ stream }) => stream === 'dsp_impressions_total');
    expect(totals.map(({ row_count: rows }) => rows)).toEqual([1, 1, 0, 0, 0, 0, 0, 0]);
    expect(totals.at(-1)).toMatchObject({ suspect: false, sums: { impressions: '0' } });
  });

  it('lets the next run go on where one was killed', async () => {
    for (const at of [3, 12, 30, 40, 50]) {
      await using world = await start();
      const sink = new MemorySink();
      let calls = 0;
      sink.onCall = () => {
        if (calls++ === at) throw new Error('killed');
      };
      await expect(world.run(sink, { bundle: 'auto' })).rejects.toThrow('killed');
      sink.onCall = () => {};
      await world.run(sink, { bundle: 'auto' });
      expect([at, proofsOf(sink)]).toEqual([at, ofAll('good')]);
      expect([at, closedIn(sink)]).toEqual([at, ofAll([[SETTLED[0], SETTLED.at(-1)]])]);
    }
  });
});
