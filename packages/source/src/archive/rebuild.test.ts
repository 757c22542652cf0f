import { mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Account } from '@traffic-events/client';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { LocalArchive } from './local-archive.ts';
import { runRebuild } from './rebuild.ts';
import type { RebuildOptions } from './rebuild.ts';
import { dailyStream } from '../streams/data-source-streams.ts';
import { MemorySink } from '../testing/memory-sink.ts';
import { World } from '../testing/world.ts';

const dsp: Account = { kind: 'dsp', marketplace: 'DE', advertiserId: '584930219384756193' };
const other: Account = { ...dsp, marketplace: 'UK' };
const stream = dailyStream('dsp_impressions');
const DATES = ['2026-01-01', '2026-01-02', '2026-01-03', '2026-01-04', '2026-01-05', '2026-01-06'];

let folder: string;
let archive: LocalArchive;

/** Two accounts of six dates. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rebuild-test-'));
  archive = new LocalArchive({ folder });
  await using here = await World.start({
    now: '2026-01-12T06:00:00Z',
    accounts: [dsp, other],
    startDate: '2026-01-01',
    streams: [stream],
    events: { kind: 'generated', seed: 7, fromDate: '2026-01-01', days: 6, eventsPerDay: 20 },
  });
  await here.run(new MemorySink(), { archive, range: { from: '2026-01-01', to: '2026-01-06' } });
});
afterEach(() => rm(folder, { recursive: true }));

async function rebuild(options: Partial<RebuildOptions> = {}) {
  const sink = new MemorySink();
  const summary = await runRebuild({
    archive,
    accounts: [dsp, other],
    streams: [stream],
    state: [],
    sink,
    runId: 'rebuild',
    startedAt: '2026-01-13T00:00:00.000Z',
    ...options,
  });
  const dates = [...sink.slices.keys()]
    .filter((key) => key.includes('DE:'))
    .map((key) => key.slice(-10));
  return { summary, sink, dates };
}

const sumsOf = ({ ledgerRows }: MemorySink) =>
  new Map(ledgerRows.map((row) => [row.event_date, row.sums]));

const placeOf = (date: string) =>
  join(folder, 'dsp_impressions', 'DE=dsp=584930219384756193', date);

async function fileOf(date: string, ending: string): Promise<string> {
  const name = (await readdir(placeOf(date))).find((each) => each.endsWith(ending));
  return join(placeOf(date), name ?? 'none');
}

it('skips and names what is damaged or missing, and loads the rest', async () => {
  await rm(await fileOf('2026-01-01', '.gz'));
  await writeFile(await fileOf('2026-01-03', '.json'), '{');
  await writeFile(await fileOf('2026-01-05', '.gz'), 'no gzip');
  const { summary, sink, dates } = await rebuild();
  expect(dates).toEqual(['2026-01-02', '2026-01-04', '2026-01-06']);
  expect(sink.slices.size).toBe(9);
  expect(summary).toMatchObject({ reloaded: 9 });
  expect(summary.skipped.toSorted()).toEqual([
    expect.stringMatching(
      /2026-01-03\/.*\.json does not describe an execution; restore it from a backup/,
    ),
    expect.stringMatching(
      /^dsp_impressions DE:dsp:\d+ 2026-01-01 \(execution .*\): .*\.csv\.gz is missing/,
    ),
    expect.stringMatching(
      /^dsp_impressions DE:dsp:\d+ 2026-01-05 \(execution .*\): .*\.csv\.gz cannot be unpacked/,
    ),
  ]);
});

it('says where there is nothing to load', async () => {
  const { summary } = await rebuild({ range: { from: '2025-01-01', to: '2025-01-31' } });
  expect(summary).toMatchObject({
    reloaded: 0,
    skipped: [
      expect.stringMatching(/^the archive has nothing of DE:dsp:\d+, UK:dsp:\d+ and dsp_imp/),
    ],
  });
});

it('names a stream whose folder cannot be read', async () => {
  await rm(join(folder, 'dsp_impressions'), { recursive: true });
  await symlink('nowhere', join(folder, 'dsp_impressions'));
  const { summary } = await rebuild();
  expect(summary.skipped).toEqual([
    expect.stringMatching(/dsp_impressions cannot be read \(ENOENT/),
  ]);
});

it('does not look at what is not asked for', async () => {
  await rm(await fileOf('2026-01-01', '.gz'));
  await writeFile(await fileOf('2026-01-03', '.json'), '{');
  const { summary, dates } = await rebuild({ range: { from: '2026-01-04', to: '2026-01-05' } });
  expect(dates).toEqual(['2026-01-04', '2026-01-05']);
  expect(summary.skipped).toEqual([]);
});

it('skips and names what the sink cannot take', async () => {
  const sink = new MemorySink();
  sink.refuse = ({ mark }) =>
    mark.event_date === '2026-01-02' && mark.account_id.startsWith('DE')
      ? { kind: 'refused', reason: 'column campaign: "a" does not fit', row: 1 }
      : undefined;
  const { summary } = await rebuild({ sink });
  expect(sink.slices.size).toBe(11);
  expect(summary.skipped).toEqual([
    expect.stringMatching(
      /2026-01-02 \(execution .*\): \S+part-0\.csv, line 2: column campaign: "a" does not fit/,
    ),
  ]);
  const state = sink.savedState.find(({ stream }) => stream === 'dsp_impressions')?.state;
  expect(JSON.stringify(state)).not.toContain('2026-01-02');
});

it.each([
  ['Asia/Kolkata', 'Asia/Calcutta'],
  ['UTC', 'Etc/UTC'],
])(
  'loads into a fresh warehouse what was archived under another name of the zone: %s, %s',
  async (then, now) => {
    const own = new LocalArchive({ folder: join(folder, 'zones') });
    await using here = await World.start({
      now: '2026-01-12T06:00:00Z',
      accounts: [{ ...dsp, timeZone: then }],
      startDate: '2026-01-01',
      streams: [stream],
      events: { kind: 'generated', seed: 7, fromDate: '2026-01-01', days: 6, eventsPerDay: 20 },
    });
    const before = new MemorySink();
    await here.run(before, { archive: own, range: { from: '2026-01-01', to: '2026-01-06' } });
    const accounts = [{ ...dsp, timeZone: now }];
    const { summary, sink } = await rebuild({ archive: own, accounts });
    expect(summary).toMatchObject({ reloaded: 6, kept: 0, otherDefinition: 0, skipped: [] });
    expect(sumsOf(sink)).toEqual(sumsOf(before));
    // What was rebuilt goes on under the name of today.
    expect(await here.run(sink, { accounts })).toMatchObject({ failed: [] });
  },
);

it('ends where the warehouse does', async () => {
  const sink = new MemorySink();
  sink.onCall = () => {
    throw new Error('the warehouse is gone');
  };
  await expect(rebuild({ sink })).rejects.toThrow('the warehouse is gone');
});

it('loads every date of the archive', async () => {
  expect((await rebuild()).dates).toEqual(DATES);
});

it('loads nothing of a stream that the warehouse refuses, and names it', async () => {
  const sink = new MemorySink();
  const reason = 'Stream dsp_impressions: dsp_impressions is a view';
  sink.refusedStreams = [{ stream: 'dsp_impressions', reason }];
  const { summary } = await rebuild({ sink });
  expect(summary).toMatchObject({ reloaded: 0, skipped: [reason] });
  expect(sink.calls).toEqual([]);
});
