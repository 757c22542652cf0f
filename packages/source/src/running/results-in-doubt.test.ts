import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Account } from '@traffic-events/client';
import { beforeEach, describe, expect, it } from 'vitest';

import { withStreams } from '../streams/account-streams.ts';
import { LocalArchive } from '../archive/local-archive.ts';
import { runRebuild } from '../archive/rebuild.ts';
import { outcomeOf } from './run-summary.ts';
import { dailyStream } from '../streams/data-source-streams.ts';
import { MemorySink } from '../testing/memory-sink.ts';
import { World } from '../testing/world.ts';
import type { WorldOptions } from '../testing/world.ts';

const DSP = 'DE:dsp:1234';
const account: Account = { kind: 'dsp', marketplace: 'DE', advertiserId: '1234' };
const streams = [dailyStream('dsp_impressions')];
/** It could settle at the time at which the worlds begin. */
const DATE = '2026-01-01';
const KEY = `dsp_impressions ${DSP} ${DATE}`;
const NO_FILE = 'the API listed no file for it, which does not say that it is empty';

let sink: MemorySink;
beforeEach(() => {
  sink = new MemorySink();
});

const world = (options: Partial<WorldOptions> = {}) =>
  World.start({
    now: '2026-01-06T06:00:00Z',
    accounts: [account],
    startDate: DATE,
    streams,
    events: { kind: 'generated', seed: 7, fromDate: DATE, days: 1, eventsPerDay: 100 },
    ...options,
  });

/** A run that asks for the one date only. */
const run = (here: World) => here.run(sink, { range: { from: DATE, to: DATE } });

const partition = () => sink.savedState.find(({ stream }) => stream === 'dsp_impressions')?.state;
const entry = () => partition()?.tail[DATE];
const lastRow = () => sink.ledgerRows.at(-1);

async function truth(here: World): Promise<bigint> {
  const range = { from: DATE, to: DATE, asOfMs: Date.parse('2026-01-06T06:00:00Z') };
  const [row] = await here.simulator.truth({
    account: DSP,
    dataSource: 'dsp_impressions',
    ...range,
  });
  return BigInt(row?.totals['impressions'] ?? -1);
}

/** Lists of files without any, from the first on or a later one. */
const noUrls = (times: number | null, from = 1) => ({
  rules: [
    { operation: 'download_urls' as const, from, times, fault: { kind: 'no_urls' } as const },
  ],
});

describe('a list of files', () => {
  it.each([
    ['whose token stays the same', { urlTokens: 'same' }],
    ['whose tokens never end', { urlTokens: 'endless' }],
    ['that gives a file a page', { urlTokens: 'pages', partFiles: 5 }],
    ['under two keys', { secondUrlKey: 'same' }],
    ['beside metadata that agrees', { metadataRows: 'right', partFiles: 3 }],
    ['whose parts have their header in the first alone', { partHeaders: 'first', partFiles: 3 }],
    ['whose parts are of another column order', { partColumns: 'reversed', partFiles: 3 }],
    [
      'whose header stands again where metadata agrees',
      { partHeaders: 'again', byteOrderMark: true, metadataRows: 'right' },
    ],
    ['whose parts are gzip within gzip', { gzip: 'twice', partFiles: 2 }],
  ] as const)('%s gives every row once, and settles', async (_, options) => {
    await using here = await world(options);
    expect(await run(here)).toMatchObject({ loaded: 1, failed: [] });
    expect(sink.total(KEY, 'impressions')).toBe(await truth(here));
    expect(partition()).toMatchObject({ bookmark: DATE });
  });

  it.each([
    [
      'two keys with different files',
      { secondUrlKey: 'different' },
      "downloadUrls and urls in the API's answer name different files",
    ],
    ['a token that is refused', { urlTokens: 'refused' }, 'answers 400 to it'],
    ['pages that do not end', { urlTokens: 'empty_pages' }, 'goes on after 10 pages without any'],
    ['a header among its rows', { partHeaders: 'again' }, 'its header stands again among its rows'],
    [
      'a window that cannot be compared',
      { windowBounds: 'epoch' },
      'its window cannot be compared',
    ],
    ['metadata that disagrees', { metadataRows: 'wrong' }, /its metadata states \d+ rows/],
  ] as const)('%s leaves the slice open, and the ledger says why', async (_, options, reason) => {
    await using here = await world(options);
    await run(here);
    expect(sink.total(KEY, 'impressions')).toBe(await truth(here));
    expect(entry()).toMatchObject({ status: 'open', suspect: true, complete: true });
    expect(lastRow()).toMatchObject({ status: 'open', suspect: true });
    expect(lastRow()?.reason).toMatch(reason);
    expect(lastRow()?.reason).toMatch(/; it is asked for again$/);
  });

  it.each([
    ['the first', 1],
    ['one in between', 2],
    ['the last', 3],
  ])('of which a page comes without files for once gives every row: %s', async (_, from) => {
    await using here = await world({ urlTokens: 'pages', partFiles: 3, faults: noUrls(1, from) });
    expect(await run(here)).toMatchObject({ loaded: 1, failed: [] });
    expect(sink.total(KEY, 'impressions')).toBe(await truth(here));
    expect(partition()).toMatchObject({ bookmark: DATE });
  });

  it('of which a page comes without files thrice settles nothing, unless metadata says that it is whole', async () => {
    for (const metadataRows of ['absent', 'right'] as const) {
      sink = new MemorySink();
      // The second page of each of three tries.
      const rules = [2, 4, 6].flatMap((from) => noUrls(1, from).rules);
      await using here = await world({
        urlTokens: 'pages',
        partFiles: 2,
        metadataRows,
        faults: { rules },
      });
      await run(here);
      expect(entry()).toMatchObject({ status: 'open', suspect: true });
      expect(lastRow()?.reason).toMatch('a page of its list of files had none');
    }
    sink = new MemorySink();
    await using here = await world({ urlTokens: 'empty_pages', metadataRows: 'right' });
    await run(here);
    expect(partition()).toMatchObject({ bookmark: DATE });
  });

  it('that leads to files of other executions gives no row of theirs', async () => {
    await using here = await world({ urlTokens: 'foreign' });
    await here.run(sink, { range: { from: '2026-01-02', to: '2026-01-02' } });
    await run(here);
    expect(sink.total(KEY, 'impressions')).toBe(await truth(here));
    expect(lastRow()?.reason).toMatch(/^1 of the files listed for it bear another name/);
  });

  it('that names no URLs fails its slice alone', async () => {
    const wrong = { kind: 'wrong_urls' as const, entries: [null], count: 200_000 };
    const rules = [{ operation: 'download_urls' as const, from: 1, times: 1, fault: wrong }];
    await using here = await world({ faults: { rules } });
    await here.run(sink, { range: { from: DATE, to: '2026-01-02' } });
    expect(sink.ledgerRows.filter(({ status }) => status === 'failed')).toEqual([
      expect.objectContaining({
        reason: expect.stringContaining('have 200000 entries in downloadUrls; the most are 10000'),
      }),
    ]);
    expect(sink.total(KEY, 'impressions')).toBe(await truth(here));
    expect(partition()?.bookmark).toBe('2026-01-02');
  });
});

describe('a list without files', () => {
  it('settles nothing: it is asked again at its next reading, and then settles', async () => {
    await using here = await world({ faults: noUrls(3) });
    expect(await run(here)).toMatchObject({ created: 1, failed: [] });
    expect(entry()).toMatchObject({ status: 'open', complete: false, doubt: NO_FILE });
    expect(lastRow()).toMatchObject({
      status: 'open',
      reason: `${NO_FILE}; it is asked for again`,
      row_count: null,
      sums: { impressions: null, impression_cost: null, total_cost: null },
      suppressed_share: null,
    });
    expect(await run(here)).toMatchObject({ created: 0 });
    here.moveTo('2026-01-07T06:00:00Z');
    expect(await run(here)).toMatchObject({ created: 1 });
    expect(sink.total(KEY, 'impressions')).toBe(await truth(here));
    expect(partition()).toMatchObject({ bookmark: DATE, tail: {} });
  });

  it('replaces nothing', async () => {
    await using here = await world({ now: '2026-01-02T06:00:00Z' });
    await run(here);
    const held = sink.slices.get(KEY);
    await here.control('faults', noUrls(null));
    here.moveTo('2026-01-06T06:00:00Z');
    await run(here);
    expect(sink.slices.get(KEY)).toBe(held);
    expect(entry()).toMatchObject({ status: 'open', execution_id: held?.copy.executionId });
    expect(lastRow()?.reason).toBe(
      `${NO_FILE}; the copy of execution ${held?.copy.executionId} is kept`,
    );
  });

  it('is a risk when the date is about to expire, and partial once it has', async () => {
    await using here = await world({ now: '2026-01-29T12:00:00Z', faults: noUrls(null) });
    const summary = await run(here);
    expect(summary.atRisk).toMatchObject([{ eventDate: DATE }]);
    expect(outcomeOf(summary)).toBe('dateAtRisk');
    here.moveTo('2026-01-31T06:00:00Z');
    expect((await run(here)).partial).toMatchObject([{ eventDate: DATE, reason: NO_FILE }]);
    expect(lastRow()).toMatchObject({ status: 'partial', row_count: null, reason: NO_FILE });
  });

  const empty = {
    emptyResult: 'no_file',
    events: { kind: 'generated', seed: 7, fromDate: '2026-01-03', days: 1, eventsPerDay: 10 },
  } as const;

  it('is an empty slice where metadata says so', async () => {
    await using here = await world({ ...empty, metadataRows: 'right' });
    await run(here);
    expect(partition()).toMatchObject({ bookmark: DATE });
    expect(lastRow()).toMatchObject({ status: 'settled', row_count: 0, reason: null });
  });

  it('is none where metadata says nothing, or states rows', async () => {
    for (const metadataRows of ['absent', 'wrong'] as const) {
      await using here = await world({ ...empty, metadataRows });
      sink = new MemorySink();
      await run(here);
      expect(entry()).toMatchObject({ status: 'open', complete: false });
    }
  });

  it.each(['header', 'zero_bytes'] as const)('is not a file without rows: %s', async (form) => {
    await using here = await world({ ...empty, emptyResult: form });
    await run(here);
    expect(partition()).toMatchObject({ bookmark: DATE });
  });

  it('that an archive of old has kept is rebuilt as nothing, and says so', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'archive-'));
    const archive = new LocalArchive({ folder });
    const warned: unknown[] = [];
    const logger = {
      debug() {},
      info() {},
      error() {},
      warn: (...line: unknown[]) => warned.push(line),
    };
    const [{ fingerprint = '' } = {}] = withStreams(account, streams).streams.values();
    const instant = '2026-01-06T06:00:00.000Z';
    const old = {
      stream: 'dsp_impressions',
      account_id: DSP,
      marketplace: 'DE',
      event_date: DATE,
      fingerprint,
      execution_id: 'e1',
      workflow_id: 'w1',
      create_time: instant,
      seen_finished: instant,
      extracted_at: instant,
      has_data_gaps: false,
      sha256: [],
    };
    try {
      await archive.put(old, []);
      const run = { runId: 'r', startedAt: instant, logger };
      await runRebuild({ ...run, archive, accounts: [account], streams, state: [], sink });
      expect(sink.ledgerRows).toEqual([]);
      expect(warned).toEqual([
        [expect.objectContaining({ execution_id: 'e1', event_date: DATE }), 'slice.skipped'],
      ]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('leaves nothing in the archive; with metadata of 0 rows it can be rebuilt', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'archive-'));
    const archive = new LocalArchive({ folder });
    const kept = async () => (await Array.fromAsync(archive.list())).length;
    try {
      await using here = await world({ ...empty, metadataRows: 'absent' });
      const range = { from: DATE, to: DATE };
      await here.run(sink, { range, archive });
      expect(await kept()).toBe(0);
      await here.control('behaviour', { metadataRows: 'right' });
      here.moveTo('2026-01-07T06:00:00Z');
      await here.run(sink, { range, archive });
      expect(await kept()).toBe(1);
      const anew = new MemorySink();
      await runRebuild({
        archive,
        accounts: [account],
        streams,
        state: [],
        sink: anew,
        runId: 'r',
        startedAt: '2026-01-07T06:00:00Z',
      });
      expect(anew.ledgerRows).toMatchObject([{ status: 'settled', row_count: 0, reason: null }]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
