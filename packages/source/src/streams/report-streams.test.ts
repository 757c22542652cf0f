import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Account, CreateExecutionRequest } from '@traffic-events/client';
import { addDays, windowOf } from '@traffic-events/slice';
import { expect, it } from 'vitest';

import { MemorySink } from '../testing/memory-sink.ts';
import { World } from '../testing/world.ts';
import type { WorldOptions } from '../testing/world.ts';
import { ivtReport, pageUrlReport } from './report-streams.ts';

const dsp: Account = { kind: 'dsp', marketplace: 'DE', advertiserId: '584930219384756193' };
const DSP = 'DE:dsp:584930219384756193';
const DATE = '2026-01-02';
const ONE_DATE = { from: DATE, to: DATE };
const AFTER_ALL_MS = Date.parse('2100-01-01T00:00:00Z');

function world(options: Partial<WorldOptions> = {}): Promise<World> {
  return World.start({
    now: '2026-01-03T06:00:00Z',
    accounts: [dsp],
    startDate: DATE,
    streams: [ivtReport],
    events: { kind: 'generated', seed: 7, fromDate: DATE, days: 1, eventsPerDay: 300 },
    ...options,
  });
}

/** A run every morning, as a scheduler has it; answers on which mornings it asked for something. */
async function everyMorning(here: World, sink: MemorySink, days: number): Promise<string[]> {
  const asked: string[] = [];
  for (let day = 1; day <= days; day += 1) {
    const morning = addDays(DATE, day);
    here.moveTo(`${morning}T06:00:00Z`);
    const { created } = await here.run(sink, { range: ONE_DATE });
    if (created > 0) asked.push(morning);
  }
  return asked;
}

/** Every impression of a date, valid or not: what both reports are about. */
async function impressionsOf(here: World, date: string): Promise<bigint> {
  const totals = await Promise.all(
    (['dsp_impressions', 'dsp_invalid_impressions'] as const).map((dataSource) =>
      here.simulator.truth({
        account: DSP,
        dataSource,
        from: date,
        to: date,
        asOfMs: AFTER_ALL_MS,
      }),
    ),
  );
  return totals
    .flatMap(([row]) => [row?.totals['impressions'], row?.totals['invalid_impressions']])
    .reduce((sum, total) => sum + BigInt(total ?? 0), 0n);
}

/** Sums of the report's own file, by column, as it is delivered now. */
async function reportSums(here: World, request: CreateExecutionRequest) {
  const client = here.client();
  const directory = await mkdtemp(join(tmpdir(), 'report-'));
  try {
    const account = client.account(dsp);
    const { id } = await account.runToCompletion(await account.createExecution(request));
    const { files } = await account.download(id, { directory });
    const texts = await Promise.all(files.map(({ path }) => readFile(path, 'utf8')));
    const [header = [], ...rows] = texts
      .flatMap((text) => text.trim().split('\n'))
      .map((line) => line.split(','));
    const sum = (index: number) => rows.reduce((all, row) => all + Number(row[index]), 0);
    return Object.fromEntries(header.map((name, index) => [name, sum(index)]));
  } finally {
    await rm(directory, { recursive: true, force: true });
    await client.close();
  }
}

it('invalid traffic is read again on days 5, 12, 20 and 28, and settles on the last', async () => {
  await using here = await world();
  const sink = new MemorySink();
  expect(await everyMorning(here, sink, 31)).toEqual([
    '2026-01-03',
    '2026-01-08',
    '2026-01-15',
    '2026-01-23',
    // Less than 48 hours before it expires it is read whatever the day: the 28th may be missed.
    '2026-01-30',
    '2026-01-31',
  ]);
  const statuses = sink.ledgerRows.map(({ status }) => status);
  expect(statuses).toEqual(['open', 'open', 'open', 'open', 'open', 'settled']);
  expect(sink.slices.get(`ivt_report ${DSP} ${DATE}`)?.copy).toMatchObject({
    complete: true,
    settled: true,
  });
});

it('invalid traffic has the totals of the report itself, and of what was served', async () => {
  await using here = await world({ now: '2026-01-31T06:00:00Z' });
  const sink = new MemorySink();
  await here.run(sink, { range: ONE_DATE });
  const report = await reportSums(here, {
    kind: 'ivt_report',
    workflowId: 'by-hand',
    vendors: ['AdLoox', 'IAS'],
    window: windowOf(DATE, 'UTC'),
  });
  const key = `ivt_report ${DSP} ${DATE}`;
  const served = sink.total(key, 'total_impression_served');
  expect(served).toBe(await impressionsOf(here, DATE));
  expect(served).toBe(BigInt(report['total_impressions_served'] ?? NaN));
  for (const vendor of ['AdLoox', 'IAS']) {
    const column = `${vendor}_invalid_impressions`;
    expect(report[column]).toBeGreaterThan(0);
    expect(sink.total(key, column.toLowerCase())).toBe(BigInt(report[column] ?? NaN));
  }
});

it('page addresses settle after 48 hours, with every impression', async () => {
  await using here = await world({ streams: [pageUrlReport] });
  const sink = new MemorySink();
  expect(await everyMorning(here, sink, 6)).toEqual(['2026-01-03', '2026-01-04', '2026-01-05']);
  expect(sink.ledgerRows.map(({ status }) => status)).toEqual(['open', 'open', 'settled']);
  const held = sink.slices.get(`page_url_report ${DSP} ${DATE}`);
  const pageAt = held?.columns.indexOf('page_url') ?? -1;
  expect(held?.rows.some((row) => row[pageAt]?.startsWith('https://') === true)).toBe(true);
  const total = sink.total(`page_url_report ${DSP} ${DATE}`, 'impressions');
  expect(total).toBe(await impressionsOf(here, DATE));
});

it('page addresses can be had for twelve months, and none is asked for beyond', async () => {
  await using here = await world({
    now: '2026-12-15T06:00:00Z',
    startDate: '2025-12-10',
    streams: [pageUrlReport],
    events: { kind: 'generated', seed: 7, fromDate: '2025-12-10', days: 9, eventsPerDay: 60 },
  });
  const sink = new MemorySink();
  const range = { from: '2025-12-10', to: '2025-12-18' };
  expect(await here.run(sink, { range })).toMatchObject({ created: 3, loaded: 3, missed: [] });
  for (const date of ['2025-12-16', '2025-12-17', '2025-12-18']) {
    const key = `page_url_report ${DSP} ${date}`;
    expect(sink.slices.get(key)?.copy).toMatchObject({ complete: true, settled: true });
    expect([date, sink.total(key, 'impressions')]).toEqual([date, await impressionsOf(here, date)]);
  }
});

it('page addresses begin on 2025-02-14', async () => {
  await using here = await world({
    now: '2025-12-15T06:00:00Z',
    startDate: '2025-01-01',
    streams: [pageUrlReport],
  });
  await here.run(new MemorySink(), { range: { from: '2025-01-01', to: '2025-02-15' } });
  const windows = (await here.executions()).map(({ windowStart }) => windowStart.slice(0, 10));
  expect(windows.sort()).toEqual(['2025-02-14', '2025-02-15']);
});
