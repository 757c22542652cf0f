import type { Account } from '@traffic-events/client';
import type { SliceKey } from '@traffic-events/slice';
import { beforeEach, describe, expect, it } from 'vitest';

import { tailEntry } from '../state/partition.ts';
import { outcomeOf } from './run-summary.ts';
import { partitionOf } from '../state/saved-states.ts';
import { dailyStream } from '../streams/data-source-streams.ts';
import { MemorySink } from '../testing/memory-sink.ts';
import { World } from '../testing/world.ts';

const DSP = 'DE:dsp:1234';
const account: Account = { kind: 'dsp', marketplace: 'DE', advertiserId: '1234' };
const DATE = '2026-01-01';
const KEY = `dsp_impressions ${DSP} ${DATE}`;
const range = { from: DATE, to: DATE };

let sink: MemorySink;
beforeEach(() => {
  sink = new MemorySink();
});

const world = () =>
  World.start({
    now: '2026-01-03T06:00:00Z',
    accounts: [account],
    startDate: DATE,
    streams: [dailyStream('dsp_impressions')],
    events: { kind: 'generated', seed: 7, fromDate: DATE, days: 6, eventsPerDay: 100 },
  });

const entry = () => tailEntry(partitionOf(sink.savedState, 'dsp_impressions', DSP), DATE);
const datesOf = (slices: readonly SliceKey[]) => slices.map(({ eventDate }) => eventDate);
const rowsOf = (status: string) => sink.ledgerRows.filter((row) => row.status === status);

/** Extracts the date at an instant, and then loses the state. */
async function heldAt(here: World, instant: string): Promise<string | undefined> {
  here.moveTo(instant);
  await here.run(sink, { range });
  sink.savedState = [];
  here.time.simulated.advanceTo(here.time.simulated.now() + 25 * 3_600_000);
  return sink.slices.get(KEY)?.copy.executionId;
}

describe('where the state is lost and the warehouse keeps the better copy', () => {
  it('the state knows that one, whatever was in doubt about the later one', async () => {
    await using here = await world();
    const held = await heldAt(here, '2026-01-20T06:00:00Z');
    await here.control('behaviour', { dataGaps: ['an hour is missing'] });
    await here.run(sink, { range });
    expect(rowsOf('kept_better')).toHaveLength(1);
    expect(entry()).toMatchObject({ execution_id: held, complete: true, suspect: false });
    here.moveTo('2026-02-01T06:00:00Z');
    const last = await here.run(sink);
    expect(last.frozen.map(({ eventDate }) => eventDate)).toContain(DATE);
    expect(rowsOf('frozen').find((row) => row.event_date === DATE)).toMatchObject({
      execution_id: held,
      complete: true,
      settled: true,
    });
  });

  it('a date of which a part has expired since is neither partial nor at risk', async () => {
    await using here = await world();
    const held = await heldAt(here, '2026-01-03T06:00:00Z');
    // It begins to expire while its execution runs.
    here.moveTo('2026-01-30T23:59:00Z');
    const summary = await here.run(sink);
    expect(rowsOf('kept_better')).toHaveLength(1);
    expect(summary).toMatchObject({ partial: [], missed: [], atRisk: [] });
    expect(summary.frozen).toMatchObject([{ eventDate: DATE }]);
    expect(rowsOf('frozen')).toMatchObject([{ execution_id: held, complete: true }]);
    expect(outcomeOf(summary)).toBe('done');
  });

  const failing = {
    rules: [{ operation: 'create', times: null, fault: { kind: 'execution_fails' } }],
  };

  it('a date that it holds whole is neither at risk nor missed, though it cannot be had again', async () => {
    await using here = await world();
    await heldAt(here, '2026-01-20T06:00:00Z');
    await here.control('faults', failing);
    here.moveTo('2026-01-29T12:00:00Z');
    const soon = await here.run(sink, { range });
    expect(soon.failed).toMatchObject([{ eventDate: DATE }]);
    expect(soon.atRisk).toEqual([]);
    here.moveTo('2026-02-04T12:00:00Z');
    const late = await here.run(sink, { range });
    expect(late).toMatchObject({ partial: [], frozen: [] });
    expect(datesOf(late.missed)).not.toContain(DATE);
    expect(partitionOf(sink.savedState, 'dsp_impressions', DSP)?.bookmark).toBe(DATE);
  });

  it('a date that it holds nothing whole of is at risk and missed, by all that is known', async () => {
    await using here = await world();
    await here.control('faults', failing);
    here.moveTo('2026-01-29T12:00:00Z');
    expect((await here.run(sink, { range })).atRisk).toMatchObject([{ eventDate: DATE }]);
    here.moveTo('2026-02-04T12:00:00Z');
    const { missed } = await here.run(sink, { range });
    expect(datesOf(missed)).toContain(DATE);
  });

  it('a date that it holds settled is closed without a word', async () => {
    await using here = await world();
    await heldAt(here, '2026-01-20T06:00:00Z');
    here.moveTo('2026-01-30T23:59:00Z');
    const summary = await here.run(sink);
    expect(summary).toMatchObject({ kept: 1, partial: [], frozen: [], missed: [] });
    expect(outcomeOf(summary)).toBe('done');
    expect(rowsOf('frozen')).toEqual([]);
  });
});
