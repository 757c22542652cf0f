import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Account } from '@traffic-events/client';
import { datesBetween } from '@traffic-events/slice';
import { beforeEach, describe, expect, it } from 'vitest';

import { DefinitionChangedError } from '../errors.ts';
import { LocalArchive } from '../archive/local-archive.ts';
import { runRebuild } from '../archive/rebuild.ts';
import { outcomeOf } from './run-summary.ts';
import { dailyStream } from '../streams/data-source-streams.ts';
import { partitionOf } from '../state/saved-states.ts';
import { narrowStream } from '../streams/narrow-stream.ts';
import { MemorySink } from '../testing/memory-sink.ts';
import { dsp, DSP, startSmallWorld as world } from '../testing/small-world.ts';
import type { ListedSimulation, World, WorldOptions } from '../testing/world.ts';

const entity: Account = { kind: 'sponsored_ads', marketplace: 'UK', entityId: 'ENTITY1' };

let sink: MemorySink;
beforeEach(() => {
  sink = new MemorySink();
});

const tailOf = (stream = 'dsp_impressions', account = DSP) =>
  partitionOf(sink.savedState, stream, account);

function perSlice(executions: readonly ListedSimulation[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { account, windowStart } of executions) {
    const key = `${account} ${windowStart}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** Lets a run die at its first sink call that matches; its error is swallowed. */
async function runThatDiesAt(here: World, call: RegExp, skip = 0): Promise<void> {
  let left = skip;
  sink.onCall = (name) => {
    if (call.test(name) && left-- === 0) throw new Error('killed');
  };
  await expect(here.run(sink)).rejects.toThrow('killed');
  sink.onCall = () => {};
}

describe('a run', () => {
  it.each<[string, Partial<WorldOptions>]>([
    ['as its answers say', {}],
    ['as the first answer alone says', { getOmits: ['timeWindow'] }],
    ['as they say in its own zone alone', { windowBounds: 'local' }],
  ])('loads nothing of an execution over another window: %s', async (_, said) => {
    // The client sends it nested, so the service takes the most recent day for every date.
    await using here = await world({ windowShape: 'flat', ...said });
    const summary = await here.run(sink);
    expect([...sink.slices.keys()]).toEqual([expect.stringContaining('2026-01-06')]);
    const reason = 'the API used the window 2026-01-06T00:00:00.000Z to 2026-01-07T00:00:00.000Z';
    expect(summary.failed.length).toBeGreaterThan(0);
    for (const failed of summary.failed) expect(failed.reason).toContain(reason);
    expect(outcomeOf(summary)).toBe('slicesFailed');
  });

  it('extracts every date once, and the totals are the truth', async () => {
    await using here = await world({ accounts: [dsp, entity], streams: undefined as never });
    const summary = await here.run(sink, {
      streams: [dailyStream('dsp_impressions'), dailyStream('sponsored_ads_traffic')],
    });
    expect(summary).toMatchObject({ created: 12, loaded: 12, failed: [], missed: [], atRisk: [] });
    expect(outcomeOf(summary)).toBe('done');
    const range = { from: '2026-01-01', to: '2026-01-06', asOfMs: Date.parse(summary.startedAt) };
    for (const [account, dataSource] of [
      [DSP, 'dsp_impressions'],
      ['UK:entity:ENTITY1', 'sponsored_ads_traffic'],
    ] as const) {
      for (const { event_date, totals } of await here.simulator.truth({
        account,
        dataSource,
        ...range,
      })) {
        const key = `${dataSource} ${account} ${event_date}`;
        for (const [metric, total] of Object.entries(totals)) {
          if (sink.slices.get(key)?.columns.includes(metric) !== true) continue;
          expect([key, metric, sink.total(key, metric)]).toEqual([key, metric, BigInt(total)]);
        }
      }
    }
  });

  it('asks for nothing when it is run again at once', async () => {
    await using here = await world();
    await here.run(sink);
    const state = sink.savedState;
    expect(await here.run(sink)).toMatchObject({ created: 0, loaded: 0 });
    expect(sink.savedState).toEqual(state);
  });

  it('settles what can settle, and follows the open dates day by day', async () => {
    await using here = await world();
    await here.run(sink);
    expect(tailOf()).toMatchObject({ since: '2026-01-01', bookmark: '2026-01-03' });
    expect(Object.keys(tailOf()?.tail ?? {})).toEqual(['2026-01-04', '2026-01-05', '2026-01-06']);
    here.moveTo('2026-01-10T06:00:00Z');
    expect(await here.run(sink)).toMatchObject({ created: 6, loaded: 6 });
    expect(tailOf()?.bookmark).toBe('2026-01-06');
  });

  it('closes as missed what expired while no run was made, once', async () => {
    await using here = await world();
    await here.run(sink);
    here.moveTo('2026-03-10T06:00:00Z');
    const summary = await here.run(sink);
    expect(summary.missed.map(({ eventDate }) => eventDate)).toEqual(
      Array.from({ length: 29 }, (_, day) =>
        new Date(Date.UTC(2026, 0, 7 + day)).toISOString().slice(0, 10),
      ),
    );
    expect(summary.frozen.map(({ eventDate }) => eventDate)).toEqual([
      '2026-01-04',
      '2026-01-05',
      '2026-01-06',
    ]);
    expect(outcomeOf(summary)).toBe('dateAtRisk');
    const missedRow = sink.ledgerRows.find(({ status }) => status === 'missed');
    expect(missedRow).toMatchObject({
      extraction_id: `close:dsp_impressions:${DSP}:2026-01-07`,
      execution_id: null,
      reason: 'it expired before any copy was made',
    });
    expect(await here.run(sink)).toMatchObject({ missed: [], frozen: [] });
  });
});

describe('a run that follows one that died', () => {
  it('takes over the executions in its state and creates nothing twice', async () => {
    await using here = await world();
    await runThatDiesAt(here, /^slice/);
    const before = await here.executions();
    const summary = await here.run(sink);
    expect(summary.adopted).toBe(before.length);
    expect([...perSlice(await here.executions()).values()]).toEqual([1, 1, 1, 1, 1, 1]);
    expect(sink.slices.size).toBe(6);
  });

  it('finds by the list what had been created but not yet told', async () => {
    await using here = await world();
    await runThatDiesAt(here, /^state/);
    expect(tailOf()?.in_flight).toEqual([]);
    const summary = await here.run(sink);
    expect(summary.adopted).toBeGreaterThan(0);
    expect([...perSlice(await here.executions()).values()]).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('creates at most one execution a slot twice where the API has no list', async () => {
    await using here = await world({ listOperation: 'none' });
    await runThatDiesAt(here, /^state/);
    here.moveTo('2026-01-07T08:00:00Z');
    await here.run(sink);
    const counts = [...perSlice(await here.executions()).values()];
    expect(counts.filter((count) => count > 1).length).toBeLessThanOrEqual(5);
    expect(Math.max(...counts)).toBeLessThanOrEqual(2);
    expect(sink.slices.size).toBe(6);
  });

  it('takes a result that was finished meanwhile', async () => {
    await using here = await world();
    await runThatDiesAt(here, /^state/, 4);
    const inFlight = tailOf()?.in_flight.length ?? 0;
    here.moveTo('2026-01-07T12:00:00Z');
    expect((await here.run(sink)).adopted).toBeGreaterThanOrEqual(inFlight);
    expect([...perSlice(await here.executions()).values()]).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('does not take over what has expired at the API', async () => {
    await using here = await world();
    await runThatDiesAt(here, /^state/, 4);
    here.moveTo('2026-01-09T12:00:00Z');
    expect(await here.run(sink)).toMatchObject({ adopted: 0, failed: [] });
    expect(tailOf()?.in_flight).toEqual([]);
    expect(sink.slices.size).toBe(8);
  });
});

/** Strikes creates, counted from 1, with a fault. */
const strike = (fault: object, times: number | null = 1) => ({
  rules: [{ operation: 'create', times, fault }],
});

it('leaves a slice open when the sink knows a copy beside which the result is suspect', async () => {
  await using here = await world({ startDate: '2026-01-02' });
  await here.run(sink);
  const key = `dsp_impressions ${DSP} 2026-01-02`;
  const held = sink.slices.get(key)!;
  sink.slices.set(key, { ...held, copy: { ...held.copy, mainSum: '999999999' } });
  sink.savedState = [];
  here.moveTo('2026-01-09T06:00:00Z');
  expect(await here.run(sink)).toMatchObject({ kept: 1 });
  expect(tailOf()).toMatchObject({
    bookmark: null,
    tail: { '2026-01-02': { status: 'open', execution_id: held.copy.executionId, suspect: false } },
  });
  expect(sink.slices.get(key)?.copy.executionId).toBe(held.copy.executionId);
  here.moveTo('2026-02-02T06:00:00Z');
  const { frozen } = await here.run(sink);
  expect(frozen.map(({ eventDate }) => eventDate)).toContain('2026-01-02');
});

describe('what goes wrong with a slice', () => {
  it('is tried again after a failure, and then loaded', async () => {
    await using here = await world();
    await here.control('faults', strike({ kind: 'execution_fails' }));
    expect(await here.run(sink)).toMatchObject({ created: 7, loaded: 6, failed: [] });
    const failed = sink.ledgerRows.filter(({ status }) => status === 'failed');
    expect(failed).toMatchObject([
      { reason: 'FAILED: Internal error while running the query', row_count: null },
    ]);
  });

  it('is reported when it goes on, while the others are loaded', async () => {
    await using here = await world({ startDate: '2026-01-06' });
    await here.control('faults', strike({ kind: 'execution_fails' }, null));
    const summary = await here.run(sink);
    expect(summary).toMatchObject({
      created: 3,
      loaded: 0,
      failed: [
        {
          stream: 'dsp_impressions',
          accountId: DSP,
          eventDate: '2026-01-06',
          reason: 'FAILED: Internal error while running the query',
        },
      ],
    });
    expect(outcomeOf(summary)).toBe('slicesFailed');
    expect(tailOf()).toMatchObject({ bookmark: null, tail: { '2026-01-06': { attempts: 3 } } });
    const nextTry = tailOf()?.tail['2026-01-06']?.next_try;
    expect(summary.leftForLater).toEqual([
      { accountId: DSP, reason: 'failure', slices: 1, nextTry },
    ]);
    const next = await here.run(sink);
    expect(next).toMatchObject({ created: 0, leftForLater: summary.leftForLater });
    expect(outcomeOf(next)).toBe('slicesFailed');
  });

  it('stops a rejected definition for this run, and no other stream', async () => {
    const clicks = dailyStream('dsp_clicks');
    await using here = await world({ streams: [dailyStream('dsp_impressions'), clicks] });
    await here.control('faults', strike({ kind: 'execution_rejected' }, 1));
    const summary = await here.run(sink, { slots: 1 });
    const rejected = summary.failed[0]?.stream ?? '';
    expect(summary).toMatchObject({ created: 7, loaded: 6, failed: [{ stream: rejected }] });
    expect([...sink.slices.keys()].some((key) => key.startsWith(rejected))).toBe(false);
  });

  it('puts off what the overlap rule refuses, unless it would settle', async () => {
    await using here = await world({ overlapLimit: 1 });
    await here.run(sink);
    here.moveTo('2026-01-08T06:00:00Z');
    const summary = await here.run(sink, { slots: 1 });
    expect(summary.failed.every(({ reason }) => /too many workflows/.test(reason))).toBe(true);
    const created = (await here.executions()).filter(
      ({ createTime }) => createTime >= '2026-01-08',
    );
    const settling = created.filter(({ windowStart }) => windowStart < '2026-01-05');
    expect(created.length).toBeLessThanOrEqual(settling.length + 2);
    expect(summary.created).toBe(created.length);
    const refused = Object.values(tailOf()?.tail ?? {}).find(({ attempts }) => attempts > 0);
    expect(refused?.next_try?.slice(0, 10)).toBe('2026-01-09');
  });

  it('waits where other programs hold slots, and fails nothing', async () => {
    await using here = await world({ slotsHeldByOthers: 4 });
    expect(await here.run(sink)).toMatchObject({ created: 6, loaded: 6, failed: [] });
  });

  it('leaves a result with data gaps open, and asks again the next day', async () => {
    await using here = await world({ startDate: '2026-01-01', dataGaps: ['2026-01-01T00:00Z'] });
    const first = await here.run(sink);
    expect(first).toMatchObject({ created: 6, loaded: 6 });
    expect(tailOf()?.bookmark).toBeNull();
    expect(tailOf()?.tail['2026-01-01']).toMatchObject({ suspect: true, settled: true });
    await here.control('behaviour', { dataGaps: [] });
    here.moveTo('2026-01-08T06:00:00Z');
    await here.run(sink);
    expect(tailOf()?.bookmark).toBe('2026-01-04');
  });

  it('is told in clean words of a length that a ledger and a log bear', async () => {
    await using here = await world({
      events: { kind: 'generated', seed: 7, fromDate: '2026-01-06', days: 1, eventsPerDay: 10 },
      startDate: '2026-01-06',
    });
    const reason = `no\u0000 \u001b[31mred\r\n${'x'.repeat(300_000)}`;
    const fault = { kind: 'execution_fails', reason };
    await here.control('faults', { rules: [{ operation: 'create', times: 9, fault }] });
    const logged: unknown[] = [];
    const logger = {
      debug: () => {},
      info: () => {},
      warn: (fields: object) => void logged.push(fields),
      error: () => {},
    };
    const summary = await here.run(sink, { logger });
    const told = [...sink.ledgerRows, ...summary.failed, ...logged].map(
      (each) => (each as { reason?: string }).reason ?? '',
    );
    expect(told.filter((text) => text.includes('FAILED: no red xxx'))).not.toEqual([]);
    for (const text of told) {
      expect(text.length).toBeLessThan(1100);
      // oxlint-disable-next-line no-control-regex -- none of them may be left
      expect(text).not.toMatch(/[\u0000-\u001f]/);
    }
  });

  it('does not reach another account', async () => {
    const foreign: Account = { kind: 'dsp', marketplace: 'FR', advertiserId: '404' };
    await using here = await world();
    const client = here.client();
    const summary = await here.run(sink, { accounts: [foreign, dsp], client });
    await client.close();
    expect(summary.loaded).toBe(6);
    expect(summary.failedAccounts).toMatchObject([{ accountId: 'FR:dsp:404', cause: 'refused' }]);
    expect(outcomeOf(summary)).toBe('service');
  });
});

describe('a run that is cut short', () => {
  it('creates nothing more after a stop, and leaves what runs in the state', async () => {
    await using here = await world();
    const controller = new AbortController();
    sink.onCall = (call) => {
      if (call.startsWith('slice')) controller.abort();
    };
    const began = performance.now();
    const summary = await here.run(sink, { signal: controller.signal });
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(summary.interrupted).toBe(true);
    sink.onCall = () => {};
    const { created, loaded } = summary;
    expect(tailOf()?.in_flight).toHaveLength(created - loaded);
    expect(await here.run(sink)).toMatchObject({ created: 6 - created, loaded: 6 - loaded });
  });

  it('ends after its longest duration', async () => {
    await using here = await world();
    const summary = await here.run(sink, { maxDurationMs: 20 * 60_000 });
    expect(summary).toMatchObject({ outOfTime: true, interrupted: false, loaded: 5 });
    const inFlight = tailOf()?.in_flight ?? [];
    expect(inFlight).toHaveLength(1);
    expect(summary.inFlight).toMatchObject([
      { executionId: inFlight[0]?.execution_id, expireTime: inFlight[0]?.expire_time },
    ]);
    expect(outcomeOf(summary)).toBe('slicesFailed');
  });

  it('creates no more than its executions of the day, over all runs', async () => {
    await using here = await world();
    const first = await here.run(sink, { maxExecutionsPerDay: 4 });
    expect(first).toMatchObject({ created: 4 });
    expect(first.leftForLater).toEqual([
      { accountId: DSP, reason: 'quota', slices: 2, nextTry: '2026-01-08T00:00:00.000Z' },
    ]);
    expect(outcomeOf(first)).toBe('done');
    expect(await here.run(sink, { maxExecutionsPerDay: 4 })).toMatchObject({ created: 0 });
    here.moveTo('2026-01-08T00:00:00Z');
    expect(await here.run(sink, { maxExecutionsPerDay: 4 })).toMatchObject({ created: 3 });
  });

  it('asks for the dates of a range only, also before start_date', async () => {
    await using here = await world({ startDate: '2026-01-04' });
    const range = { from: '2026-01-02', to: '2026-01-03' };
    expect(await here.run(sink, { range })).toMatchObject({ created: 2, loaded: 2 });
    const dates = new Set([...sink.slices.keys()].map((key) => key.slice(-10)));
    expect(dates).toEqual(new Set(['2026-01-02', '2026-01-03']));
    expect(await here.run(sink)).toMatchObject({ created: 3 });
  });
});

describe('a backfill before start_date', () => {
  const range = { from: '2026-01-02', to: '2026-01-05' };

  it('of dates that have not settled is followed by the runs after it until they have', async () => {
    await using here = await world({ startDate: '2026-01-06' });
    await here.run(sink, { range });
    expect(tailOf()).toMatchObject({ since: '2026-01-06', closed: [['2026-01-02', '2026-01-03']] });
    for (const now of ['2026-01-08T06:00:00Z', '2026-01-09T06:00:00Z', '2026-01-10T06:00:00Z']) {
      here.moveTo(now);
      await here.run(sink);
    }
    expect(tailOf()).toMatchObject({ closed: [['2026-01-02', '2026-01-05']] });
    const settled = await here.simulator.truth({
      account: DSP,
      dataSource: 'dsp_impressions',
      ...range,
      asOfMs: Date.parse('2026-02-01T00:00:00Z'),
    });
    for (const { event_date, totals } of settled) {
      const held = sink.total(`dsp_impressions ${DSP} ${event_date}`, 'impressions');
      expect([event_date, held]).toEqual([event_date, BigInt(totals['impressions'] ?? 0)]);
    }
  });

  it('that was cut short is finished by the runs after it', async () => {
    await using here = await world({ startDate: '2026-01-06' });
    await here.run(sink, { range, maxExecutionsPerDay: 1 });
    here.moveTo('2026-01-08T06:00:00Z');
    await here.run(sink);
    const held = [...sink.slices.keys()].map((key) => key.slice(-10)).sort();
    expect(held).toEqual([
      '2026-01-02',
      '2026-01-03',
      '2026-01-04',
      '2026-01-05',
      '2026-01-06',
      '2026-01-07',
    ]);
  });
});

describe('a time zone', () => {
  const zoned: Account = { ...dsp, timeZone: 'Europe/Berlin' };

  it('makes windows of local days, of 23 hours where the clocks go forward', async () => {
    await using here = await world({
      accounts: [zoned],
      now: '2026-03-31T06:00:00Z',
      startDate: '2026-03-28',
      events: { kind: 'generated', seed: 1, fromDate: '2026-03-27', days: 4, eventsPerDay: 100 },
    });
    await here.run(sink);
    const windows = (await here.executions()).map(
      ({ windowStart, windowEnd }) => `${windowStart} ${windowEnd}`,
    );
    expect(new Set(windows)).toEqual(
      new Set([
        '2026-03-27T23:00:00.000Z 2026-03-28T23:00:00.000Z',
        '2026-03-28T23:00:00.000Z 2026-03-29T22:00:00.000Z',
        '2026-03-29T22:00:00.000Z 2026-03-30T22:00:00.000Z',
      ]),
    );
    const account = `${DSP}@Europe/Berlin`;
    const range = { from: '2026-03-28', to: '2026-03-30' };
    for (const { event_date, totals } of await here.simulator.truth({
      account,
      dataSource: 'dsp_impressions',
      ...range,
      asOfMs: Date.parse('2026-03-31T06:00:00Z'),
    })) {
      expect(sink.total(`dsp_impressions ${account} ${event_date}`, 'impressions')).toBe(
        BigInt(totals['impressions'] ?? 0),
      );
    }
  });

  it('is refused when the account was extracted in another one', async () => {
    await using here = await world();
    await here.run(sink);
    await expect(here.run(sink, { accounts: [zoned] })).rejects.toThrow(
      `${DSP}@Europe/Berlin was extracted as ${DSP} before. An account's time zone is chosen for good`,
    );
  });

  it('is one: the same account in two of them is refused, also where neither has a state', async () => {
    await using here = await world();
    await expect(here.run(sink, { accounts: [dsp, zoned] })).rejects.toThrow(
      `${DSP} and ${DSP}@Europe/Berlin are one account in two time zones.`,
    );
    expect(sink.runs).toEqual([]);
  });

  it.each([
    ['Asia/Calcutta', 'Asia/Kolkata'],
    ['Asia/Kolkata', 'asia/calcutta'],
    ['Etc/UTC', 'UTC'],
    ['UTC', 'Zulu'],
  ])('held as %s is the same account as %s', async (held, now) => {
    await using here = await world();
    await here.run(sink, { accounts: [{ ...dsp, timeZone: held }] });
    const before = sink.savedState;
    const summary = await here.run(sink, { accounts: [{ ...dsp, timeZone: now }] });
    expect(summary).toMatchObject({ created: 0, adopted: 0, loaded: 0 });
    expect(sink.savedState).toEqual(before);
  });
});

describe('a changed definition', () => {
  const changed = narrowStream(
    dailyStream('dsp_impressions'),
    new Set(['campaign_id', 'impressions']),
  );

  const summed = (sum: string, where = '') => ({
    ...changed,
    query: {
      kind: 'sql' as const,
      sqlQuery: `SELECT campaign_id, ${sum} AS impressions FROM dsp_impressions ${where} GROUP BY campaign_id`,
    },
  });

  it('stops the run until it is accepted', async () => {
    await using here = await world();
    await here.run(sink);
    await expect(here.run(sink, { streams: [changed] })).rejects.toThrow(DefinitionChangedError);
    await expect(here.run(sink, { streams: [changed] })).rejects.toThrow(
      /accept the new one with --accept-definition dsp_impressions/,
    );
  });

  it('holds from the next event date on when it is accepted', async () => {
    await using here = await world();
    await here.run(sink);
    here.moveTo('2026-01-08T06:00:00Z');
    const accept = { streams: ['dsp_impressions'], acceptance: 'from_next_date' } as const;
    const summary = await here.run(sink, { streams: [changed], accept });
    expect(summary).toMatchObject({ created: 1, loaded: 1 });
    expect(summary.frozen).toHaveLength(3);
    expect(sink.slices.get(`dsp_impressions ${DSP} 2026-01-07`)?.columns).toHaveLength(3);
  });

  it('replaces what can still be had when it is to be extracted again', async () => {
    await using here = await world();
    await here.run(sink);
    here.moveTo('2026-01-08T06:00:00Z');
    const accept = { streams: ['dsp_impressions'], acceptance: 'reextract' } as const;
    expect(await here.run(sink, { streams: [changed], accept })).toMatchObject({ created: 7 });
    const widths = [...sink.slices.values()].map(({ columns }) => columns.length);
    expect(widths).toEqual([3, 3, 3, 3, 3, 3, 3]);
  });

  it('keeps, and says so, what could not be extracted again in time', async () => {
    await using here = await world();
    await here.run(sink);
    here.moveTo('2026-01-12T06:00:00Z');
    await here.run(sink);
    expect(tailOf()?.bookmark).toBe('2026-01-08');
    here.moveTo('2026-01-30T06:00:00Z');
    const accept = { streams: ['dsp_impressions'], acceptance: 'reextract' } as const;
    const settings = { streams: [changed], accept };
    await here.control('faults', {
      rules: [{ operation: 'create', times: null, fault: { kind: 'execution_fails' } }],
    });
    const range = { from: '2026-01-01', to: '2026-01-08' };
    const failing = await here.run(sink, { ...settings, range });
    expect(failing.atRisk).toEqual([]);
    await here.control('faults', { rules: [] });
    here.moveTo('2026-02-08T06:00:00Z');
    const late = await here.run(sink, { ...settings, range });
    expect(late).toMatchObject({ missed: [], partial: [] });
    const dates = late.frozen.map(({ eventDate }) => eventDate);
    expect(dates).toEqual(expect.arrayContaining([...datesBetween(range.from, range.to)]));
    expect(late.frozen[0]?.reason).toContain('by the definition that was accepted');
  });

  it('is extracted again whatever it sums to, but not over rows by nothing', async () => {
    await using here = await world();
    await here.run(sink);
    here.moveTo('2026-01-08T06:00:00Z');
    const accept = { streams: ['dsp_impressions'], acceptance: 'reextract' } as const;
    const little = summed('SUM(impressions) * 0');
    const summary = await here.run(sink, { streams: [little], accept });
    expect(summary).toMatchObject({ created: 7, kept: 0 });
    const total = (date: string) => sink.total(`dsp_impressions ${DSP} ${date}`, 'impressions');
    expect([total('2026-01-01'), total('2026-01-06')]).toEqual([0n, 0n]);
    here.moveTo('2026-01-09T06:00:00Z');
    const nothing = summed('SUM(impressions)', 'WHERE 1 = 0');
    const kept = await here.run(sink, { streams: [nothing], accept });
    expect(kept).toMatchObject({ created: 8, kept: 6 });
    expect(tailOf()?.tail['2026-01-06']).toMatchObject({
      status: 'open',
      main_sum: '0',
      suspect: false,
    });
  });
});

describe('the archive', () => {
  it('gives back every slice without the API', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'archive-'));
    try {
      const archive = new LocalArchive({ folder });
      const stream = dailyStream('dsp_impressions');
      await using here = await world();
      await here.run(sink, { archive });
      here.moveTo('2026-01-12T06:00:00Z');
      await here.run(sink, { archive });
      const rebuilt = new MemorySink();
      const summary = await runRebuild({
        archive,
        accounts: [dsp],
        streams: [stream],
        state: [],
        sink: rebuilt,
        runId: 'rebuild',
        startedAt: '2026-01-13T00:00:00.000Z',
      });
      expect(summary.reloaded).toBeGreaterThan(rebuilt.slices.size);
      expect(rebuilt.slices).toEqual(sink.slices);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
