import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BehaviourOverrides } from '@traffic-events/simulator';
import { describe, expect, it } from 'vitest';

import { LocalArchive } from '../archive/local-archive.ts';
import { runRebuild } from '../archive/rebuild.ts';
import { isBundled } from '../bundles/compose-bundles.ts';
import { builtInStreams } from '../streams/default-streams.ts';
import { DAY_MS } from '../streams/timing.ts';
import { MemorySink } from '../testing/memory-sink.ts';
import { dsp, DSP, startSmallWorld } from '../testing/small-world.ts';
import type { World, WorldOptions } from '../testing/world.ts';

const SOURCES = new Set(['dsp_impressions', 'dsp_views', 'dsp_invalid_clicks']);
const streams = builtInStreams().filter(
  (stream) => isBundled(stream) && stream.dataSources.some((table) => SOURCES.has(table)),
);

/** From the start to yesterday. */
const DATES = 3;

const start = (options: Partial<WorldOptions> = {}): Promise<World> =>
  startSmallWorld({
    streams,
    accounts: [dsp],
    now: '2026-01-07T06:00:00Z',
    startDate: '2026-01-04',
    events: { kind: 'generated', seed: 7, fromDate: '2026-01-04', days: 2, eventsPerDay: 300 },
    ...options,
  });

/** Sums and rows of every slice, but for the flag and the order of rows. */
function heldIn(sink: MemorySink) {
  return Object.fromEntries(
    [...sink.slices].map(([key, { columns, rows }]) => [
      key,
      [columns, rows.map((row) => JSON.stringify(row.slice(0, -1))).toSorted()],
    ]),
  );
}

/** Of the raw result that each slice came from, by the ledger. */
function hashesOf(sink: MemorySink) {
  const rows = sink.ledgerRows.map(({ extraction_id: id, raw_sha256: hash }) => [id, hash]);
  return Object.fromEntries(rows) as Record<string, string | null>;
}

const SERVICES: readonly (readonly [string, BehaviourOverrides])[] = [
  ['takes all', {}],
  ['judges a row by its branch', { unionThresholds: 'branch' }],
  ['judges a position by its strictest branch', { unionThresholds: 'position' }],
  ['mixes the rows of branches', { rowOrder: 'shuffled', partFiles: 3 }],
  ['refuses many branches', { maxUnionBranches: 9 }],
  ['refuses many columns', { maxOutputColumns: 22 }],
  ['is slower', { unionSlowdown: 0.5 }],
  ['is slower than one by one', { unionSlowdown: 3, executionDurationMs: 60_000 }],
  ['refuses HAVING', { having: false }],
  ['blanks labels', { unionLabels: 'blanked' }],
  ['repeats labels', { unionLabels: 'repeated' }],
  ['blanks metrics', { blankMetrics: true, unionThresholds: 'branch' }],
];

/** The switches that show in the answers to single queries as well. */
function judgedBy({ blankMetrics, unionThresholds }: BehaviourOverrides): BehaviourOverrides {
  return {
    ...(blankMetrics !== undefined && { blankMetrics }),
    ...(unionThresholds !== undefined && { unionThresholds }),
  };
}

async function heldBySingleQueries(judged: BehaviourOverrides) {
  await using world = await start(judged);
  const sink = new MemorySink();
  const { created } = await world.run(sink, { bundle: 'off' });
  expect(created).toBe(DATES * streams.length);
  return heldIn(sink);
}

describe('a run that asks for a day by few queries', () => {
  const known = new Map<string, ReturnType<typeof heldBySingleQueries>>();

  it.each(SERVICES)('holds what single queries hold, of a service that %s', async (_, service) => {
    const judged = judgedBy(service);
    const key = JSON.stringify(judged);
    const expected = await (known.get(key) ?? heldBySingleQueries(judged));
    known.set(key, Promise.resolve(expected));
    await using world = await start(service);
    const sink = new MemorySink();
    const { failed } = await world.run(sink, { bundle: 'auto' });
    expect(failed).toEqual([]);
    const ids = sink.ledgerRows.map(({ extraction_id: id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const states = sink.savedState.filter(({ accountId }) => accountId === DSP);
    expect(states.flatMap(({ state }) => state.in_flight)).toEqual([]);
    expect(heldIn(sink)).toEqual(expected);
  });

  it('claims nothing of an answer of which no file is listed', async () => {
    await using world = await start();
    const rules = [{ operation: 'download_urls', times: null, fault: { kind: 'no_urls' } }];
    await world.control('faults', { rules });
    const sink = new MemorySink();
    await world.run(sink, { bundle: 'auto' });
    const rows = sink.ledgerRows.filter(
      ({ execution_id: id, extraction_id }) => id !== extraction_id,
    );
    expect(rows.length).toBeGreaterThan(DATES);
    const unknown = { status: 'open', row_count: null, raw_sha256: null };
    for (const row of rows) expect(row).toMatchObject(unknown);
  });

  it('creates two executions a date, which a run says as it begins', async () => {
    await using world = await start();
    const said: unknown[] = [];
    const info = (fields: object, event?: string) => event === 'run.planned' && said.push(fields);
    const logger = { debug: () => {}, info, warn: () => {}, error: () => {} };
    const { created } = await world.run(new MemorySink(), { bundle: 'auto', logger });
    expect(created).toBe(2 * DATES);
    expect(said).toMatchObject([
      {
        executions: 2 * DATES,
        slices: streams.length * DATES,
        new_streams: streams.map(({ name }) => name),
      },
    ]);
  });

  it('begins a stream that joins with what can still be had whole: nothing of it is missed', async () => {
    const [first, ...others] = streams;
    await using world = await start({ now: '2026-02-08T06:00:00Z' });
    const sink = new MemorySink();
    await world.run(sink, { bundle: 'auto', streams: [first!] });
    world.advance(DAY_MS);
    const summary = await world.run(sink, { bundle: 'auto' });
    const joined = (stream: string) => others.some(({ name }) => name === stream);
    const ranges = summary.beforeStart.filter(({ stream }) => joined(stream));
    expect(ranges.map(({ from, to }) => [from, to])).toEqual(
      others.map(() => ['2026-01-04', '2026-01-10']),
    );
    expect(summary.missed).toEqual([]);
  });

  it('takes over what a run that died has created, once for all of its slices', async () => {
    await using world = await start();
    const sink = new MemorySink();
    sink.onCall = (call) => {
      if (call.startsWith('slice') && sink.slices.size === 4) throw new Error('killed');
    };
    await expect(world.run(sink, { bundle: 'auto' })).rejects.toThrow('killed');
    sink.onCall = () => {};
    const { created } = await world.run(sink, { bundle: 'auto' });
    expect((await world.executions()).length).toBe(2 * DATES);
    expect(created).toBeLessThan(2 * DATES);
    await using other = await start();
    const alone = new MemorySink();
    await other.run(alone, { bundle: 'off' });
    expect(heldIn(sink)).toEqual(heldIn(alone));
  });

  it('gives every slice back from the archive', async () => {
    await using world = await start({ partFiles: 2 });
    const folder = mkdtempSync(join(tmpdir(), 'traffic-events-archive-'));
    const archive = new LocalArchive({ folder });
    const sink = new MemorySink();
    await world.run(sink, { bundle: 'auto', archive });
    const rebuilt = new MemorySink();
    const { reloaded, skipped, otherDefinition } = await runRebuild({
      archive,
      accounts: [dsp],
      streams,
      state: [],
      sink: rebuilt,
      runId: 'rebuild',
      startedAt: '2026-01-08T00:00:00Z',
    });
    rmSync(folder, { recursive: true });
    expect([reloaded, skipped, otherDefinition]).toEqual([DATES * streams.length, [], 0]);
    expect(heldIn(rebuilt)).toEqual(heldIn(sink));
    expect(hashesOf(rebuilt)).toEqual(hashesOf(sink));
  });

  it('lets one slice fail alone', async () => {
    await using world = await start();
    const sink = new MemorySink();
    sink.refuse = ({ mark }) =>
      mark.stream === 'dsp_views_total' ? { kind: 'refused', reason: 'no' } : undefined;
    const { failed, loaded } = await world.run(sink, { bundle: 'auto' });
    expect(new Set(failed.map(({ stream }) => stream))).toEqual(new Set(['dsp_views_total']));
    expect(loaded).toBe(DATES * (streams.length - 1));
  });
});
