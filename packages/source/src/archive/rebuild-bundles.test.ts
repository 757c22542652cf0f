import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { isBundled } from '../bundles/compose-bundles.ts';
import { closedSpans } from '../state/partition.ts';
import { builtInStreams } from '../streams/default-streams.ts';
import type { StreamDefinition } from '../streams/stream.ts';
import { DAY_MS } from '../streams/timing.ts';
import { MemorySink } from '../testing/memory-sink.ts';
import { dsp, startSmallWorld } from '../testing/small-world.ts';
import type { World, WorldOptions } from '../testing/world.ts';
import { LocalArchive } from './local-archive.ts';
import { runRebuild } from './rebuild.ts';

const SOURCES = new Set(['dsp_impressions', 'dsp_views']);
const streams = builtInStreams().filter(
  (stream) => isBundled(stream) && stream.dataSources.some((table) => SOURCES.has(table)),
);

let folder: string;
let archive: LocalArchive;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'traffic-events-archive-'));
  archive = new LocalArchive({ folder });
});
afterEach(() => rmSync(folder, { recursive: true }));

const start = (options: Partial<WorldOptions> = {}): Promise<World> =>
  startSmallWorld({
    streams,
    accounts: [dsp],
    now: '2026-01-12T06:00:00Z',
    startDate: '2026-01-04',
    events: { kind: 'generated', seed: 7, fromDate: '2026-01-04', days: 8, eventsPerDay: 60 },
    ...options,
  });

async function rebuild(
  range?: { readonly from: string; readonly to: string },
  asked: readonly StreamDefinition[] = streams,
) {
  const sink = new MemorySink();
  const summary = await runRebuild({
    archive,
    accounts: [dsp],
    streams: asked,
    state: [],
    sink,
    runId: 'rebuild',
    startedAt: '2026-01-13T00:00:00Z',
    ...(range && { range }),
  });
  return { sink, ...summary };
}

const closedIn = ({ savedState }: MemorySink) =>
  new Map(savedState.map(({ stream, state }) => [stream, closedSpans(state)]));
const rowsOf = ({ slices }: MemorySink) =>
  new Map(
    [...slices].map(([key, { rows }]) => [key, rows.map((row) => JSON.stringify(row)).toSorted()]),
  );

describe('slices of bundles that are loaded again', () => {
  it('close by the proof that the archive has, also where other dates are loaded', async () => {
    await using world = await start();
    const sink = new MemorySink();
    await world.run(sink, { bundle: 'auto', archive, slots: 1 });
    const { sink: rebuilt, skipped } = await rebuild();
    expect(skipped).toEqual([]);
    expect(closedIn(rebuilt)).toEqual(closedIn(sink));
    const compared = sink.savedState[0]?.state.bundle?.event_date;
    const range = { from: '2026-01-07', to: '2026-01-08' };
    expect(compared).toBe('2026-01-04');
    const part = closedIn((await rebuild(range)).sink);
    expect(part).toEqual(new Map(streams.map(({ name }) => [name, [[range.from, range.to]]])));
  });

  it('stay open where a grain of their source was not compared', async () => {
    await using world = await start();
    await world.run(new MemorySink(), { bundle: 'auto', archive, slots: 1 });
    rmSync(join(folder, 'dsp_views_total'), { recursive: true });
    const { sink } = await rebuild();
    const closed = closedIn(sink);
    expect(closed.get('dsp_impressions')).toEqual([['2026-01-04', '2026-01-08']]);
    expect(closed.get('dsp_views_total')).toEqual([]);
    expect(closed.get('dsp_views_by_campaign')).toEqual([['2026-01-04', '2026-01-04']]);
    world.advance(DAY_MS);
    await world.run(sink, { bundle: 'auto' });
    expect(closedIn(sink).get('dsp_views_total')).toEqual([['2026-01-04', '2026-01-09']]);
  });

  it('stay open where bundles had said less', async () => {
    await using world = await start({ unionThresholds: 'medium' });
    // What is asked for after the refusal is not kept.
    const before = new MemorySink();
    before.onCall = () => {
      if (before.savedState.some(({ state }) => state.bundle?.proof === 'refused')) {
        throw new Error('killed');
      }
    };
    await expect(world.run(before, { bundle: 'auto', archive, slots: 1 })).rejects.toThrow(
      'killed',
    );
    const { sink } = await rebuild();
    const settled = sink.ledgerRows.filter(({ status }) => status === 'settled');
    const ofImpressions = settled.filter(({ stream }) => stream.startsWith('dsp_impressions'));
    expect(ofImpressions.length).toBeGreaterThan(0);
    for (const row of ofImpressions) expect(row.workflow_id).toContain(`te.${row.stream}.`);
  });

  it('are loaded of the streams alone that are asked for', async () => {
    await using world = await start();
    const sink = new MemorySink();
    await world.run(sink, { bundle: 'auto', archive, slots: 1 });
    const asked = streams.filter(({ name }) => name === 'dsp_views');
    const { sink: rebuilt, otherDefinition, skipped } = await rebuild(undefined, asked);
    expect([otherDefinition, skipped]).toEqual([0, []]);
    const wanted = [...rowsOf(sink)].filter(([key]) => key.startsWith('dsp_views '));
    expect(wanted.length).toBeGreaterThan(0);
    expect([...rowsOf(rebuilt)]).toEqual(wanted);
    const others = builtInStreams().filter(({ name }) => name === 'dsp_clicks');
    expect((await rebuild(undefined, others)).skipped).toEqual([
      expect.stringMatching(/^the archive has nothing of \S+ and dsp_clicks on these dates$/),
    ]);
  });

  it('are not loaded of an answer that was refused', async () => {
    await using world = await start({ unionLabels: 'repeated' });
    const sink = new MemorySink();
    await world.run(sink, { bundle: 'auto', archive });
    const { sink: rebuilt, skipped } = await rebuild();
    expect(skipped.join()).toContain('_bundle');
    expect(rowsOf(rebuilt)).toEqual(rowsOf(sink));
  });
});
