import { beforeEach, describe, expect, it } from 'vitest';

import { outcomeOf } from './run-summary.ts';
import { MemorySink } from '../testing/memory-sink.ts';
import { DSP, startSmallWorld as world } from '../testing/small-world.ts';
import type { World } from '../testing/world.ts';

const HOUR_MS = 3_600_000;

let sink: MemorySink;
beforeEach(() => {
  sink = new MemorySink();
});

const tailOf = () => sink.savedState.find(({ stream }) => stream === 'dsp_impressions')?.state;
const datesHeld = () => [...sink.slices.keys()].map((key) => key.slice(-10)).sort();
const isoOf = (ms: number) => new Date(ms).toISOString();

/** The first creates, from `from` on, make executions that never end. */
const neverEnd = (times: number | null, from = 1) => ({
  rules: [{ operation: 'create', from, times, fault: { kind: 'execution_never_ends' } }],
});

async function hoursOf<T>(here: World, work: () => Promise<T>): Promise<[T, number]> {
  const beganMs = here.time.clock.now();
  const result = await work();
  return [result, (here.time.clock.now() - beganMs) / HOUR_MS];
}

describe('an execution that never ends', () => {
  it('is waited for until near the timeout of the service, and then named', async () => {
    await using here = await world({ resultTtlSeconds: 60 * 86_400 });
    await here.control('faults', neverEnd(1));
    const [summary, hours] = await hoursOf(here, () => here.run(sink));
    expect(hours).toBeGreaterThan(6);
    expect(hours).toBeLessThan(9);
    expect(summary).toMatchObject({ created: 6, loaded: 5, failed: [], outOfTime: false });
    expect(summary.inFlight).toEqual([
      {
        stream: 'dsp_impressions',
        accountId: DSP,
        eventDate: expect.stringMatching(/^2026-01-0/) as string,
        executionId: tailOf()?.in_flight[0]?.execution_id,
        expireTime: '2026-03-08T06:00:00.000Z',
      },
    ]);
    expect(outcomeOf(summary)).toBe('slicesFailed');
  });

  it('is looked at by the next run, and given up when its slice is due again', async () => {
    await using here = await world({ resultTtlSeconds: 60 * 86_400 });
    await here.control('faults', neverEnd(1));
    await here.run(sink);
    const [soon, hours] = await hoursOf(here, () => here.run(sink));
    expect(hours).toBeLessThan(0.1);
    expect(soon).toMatchObject({ adopted: 1, created: 0 });
    expect(outcomeOf(soon)).toBe('slicesFailed');
    here.moveTo('2026-01-08T06:00:00Z');
    const next = await here.run(sink);
    expect(next.inFlight).toEqual([]);
    expect(outcomeOf(next)).toBe('done');
    expect(datesHeld()).toHaveLength(7);
  });

  it('does not keep new dates and due retries waiting', async () => {
    await using here = await world({ now: '2026-01-07T20:00:00Z', startDate: '2026-01-06' });
    await here.control('faults', {
      rules: [
        ...neverEnd(1).rules,
        { operation: 'create', from: 2, times: 3, fault: { kind: 'execution_fails' } },
      ],
    });
    const summary = await here.run(sink);
    // The 7th began as the first execution ran, failed three times, and was tried after an hour.
    expect(datesHeld()).toEqual(['2026-01-07']);
    expect(summary).toMatchObject({ loaded: 1, failed: [] });
    expect(summary.inFlight).toMatchObject([{ eventDate: '2026-01-06' }]);
  });

  it('of a date at risk is given up while there is time for another', async () => {
    await using here = await world({
      now: '2026-01-30T20:00:00Z',
      startDate: '2026-01-01',
      resultTtlSeconds: 60 * 86_400,
    });
    await here.control('faults', neverEnd(1));
    const [summary] = await hoursOf(here, () =>
      here.run(sink, { range: { from: '2026-01-01', to: '2026-01-01' } }),
    );
    expect(datesHeld()).toEqual(['2026-01-01']);
    expect(sink.slices.get(`dsp_impressions ${DSP} 2026-01-01`)?.copy.complete).toBe(true);
    expect(summary.atRisk.map(({ eventDate }) => eventDate)).not.toContain('2026-01-01');
  });

  it('goes by the timeout that the service states', async () => {
    await using here = await world({ resultTtlSeconds: 60 * 86_400 });
    await here.control('faults', neverEnd(1));
    const [, hours] = await hoursOf(here, () => here.run(sink));
    await using other = await world({
      resultTtlSeconds: 60 * 86_400,
      createOmits: ['workflowExecutionTimeoutSeconds'],
      getOmits: ['workflowExecutionTimeoutSeconds'],
    });
    sink = new MemorySink();
    await other.control('faults', neverEnd(1));
    const [, silent] = await hoursOf(other, () => other.run(sink));
    expect([hours, silent].map((each) => Math.round(each))).toEqual([8, 8]);
  });
});

describe('the longest duration', () => {
  it('leaves in flight what can wait, and names it', async () => {
    await using here = await world();
    await here.control('faults', neverEnd(1));
    const [summary, hours] = await hoursOf(here, () => here.run(sink, { maxDurationMs: HOUR_MS }));
    expect(hours).toBeCloseTo(1);
    expect(summary).toMatchObject({ outOfTime: true, loaded: 5 });
    expect(summary.inFlight).toMatchObject([{ expireTime: '2026-01-08T06:00:00.000Z' }]);
    expect(outcomeOf(summary)).toBe('slicesFailed');
  });

  it('says nothing where all was done', async () => {
    await using here = await world();
    const summary = await here.run(sink, { maxDurationMs: 5 * HOUR_MS });
    expect(summary.outOfTime).toBe(false);
    expect(outcomeOf(summary)).toBe('done');
  });

  it('never ends the work on a date that begins to expire before the next run', async () => {
    await using here = await world({ now: '2026-01-30T06:00:00Z' });
    const summary = await here.run(sink, { maxDurationMs: 60_000 });
    // The 1st expires in 18 hours, the 2nd in 42 and has no copy.
    expect(datesHeld()).toEqual(expect.arrayContaining(['2026-01-01', '2026-01-02']));
    expect(summary).toMatchObject({ outOfTime: true, atRisk: [] });
    expect(summary.leftForLater).toMatchObject([{ reason: 'time' }]);
    expect(outcomeOf(summary)).toBe('slicesFailed');
  });

  it('ends the wait for a slot that others hold', async () => {
    await using here = await world({ slotsHeldByOthers: 5 });
    const [summary, hours] = await hoursOf(here, () => here.run(sink, { maxDurationMs: HOUR_MS }));
    expect(hours).toBeCloseTo(1);
    expect(summary).toMatchObject({ created: 0, outOfTime: true, failedAccounts: [] });
    expect(outcomeOf(summary)).toBe('slicesFailed');
  });
});

describe('no wait outlives what it waits for', () => {
  it('after an overlap refusal', async () => {
    await using here = await world({ now: '2026-01-30T14:00:00Z', listOperation: 'none' });
    const range = { from: '2026-01-01', to: '2026-01-01' };
    await here.run(sink, { range });
    await here.control('behaviour', { overlapLimit: 1 });
    const before = here.time.clock.now();
    sink = new MemorySink();
    const summary = await here.run(sink, { range });
    expect(summary.failed).toMatchObject([{ eventDate: '2026-01-01' }]);
    expect(summary.leftForLater).toMatchObject([{ reason: 'overlap', slices: 1 }]);
    const nextTry = Date.parse(summary.leftForLater[0]?.nextTry ?? '');
    expect(nextTry).toBeLessThan(before + 6 * HOUR_MS);
    here.moveTo(isoOf(nextTry));
    await here.control('behaviour', { overlapLimit: null });
    await here.run(sink, { range });
    expect(sink.slices.get(`dsp_impressions ${DSP} 2026-01-01`)?.copy.complete).toBe(true);
  });

  it('for a slot', async () => {
    await using here = await world({ now: '2026-01-30T23:00:00Z', slotsHeldByOthers: 5 });
    const range = { from: '2026-01-01', to: '2026-01-01' };
    const [summary, hours] = await hoursOf(here, () => here.run(sink, { range }));
    // After an hour the date has begun to expire; then a part of it is waited for, as for any other.
    expect(summary.failedAccounts).toMatchObject([{ cause: 'capacity' }]);
    expect(summary).toMatchObject({ failed: [], created: 0 });
    expect(Math.round(hours)).toBe(7);
  });

  it('for the executions of the next day', async () => {
    await using here = await world({ now: '2026-01-30T06:00:00Z' });
    const summary = await here.run(sink, { maxExecutionsPerDay: 0 });
    // The 1st would be gone by then; the 2nd would not.
    expect(datesHeld()).toEqual(['2026-01-01']);
    expect(summary.leftForLater).toMatchObject([{ reason: 'quota' }]);
    expect(summary.atRisk.map(({ eventDate }) => eventDate)).toEqual(['2026-01-02']);
  });
});
