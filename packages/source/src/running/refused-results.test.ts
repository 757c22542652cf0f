import type { Account } from '@traffic-events/client';
import type { SliceResult } from '@traffic-events/slice';
import { expect, it } from 'vitest';

import { isClosed } from '../state/partition.ts';
import { outcomeOf } from './run-summary.ts';
import { dailyStream } from '../streams/data-source-streams.ts';
import { MemorySink } from '../testing/memory-sink.ts';
import { SlowSink } from '../testing/slow-sink.ts';
import { World } from '../testing/world.ts';

const dsp: Account = { kind: 'dsp', marketplace: 'DE', advertiserId: '584930219384756193' };
const other: Account = { ...dsp, marketplace: 'UK' };
const POISON = '2026-01-02';

function world(): Promise<World> {
  return World.start({
    now: '2026-01-07T06:00:00Z',
    accounts: [dsp, other],
    startDate: '2026-01-01',
    streams: [dailyStream('dsp_impressions')],
    events: { kind: 'generated', seed: 7, fromDate: '2026-01-01', days: 6, eventsPerDay: 100 },
  });
}

const isPoison = ({ mark }: SliceResult) =>
  mark.event_date === POISON && mark.account_id.startsWith('DE');

const refuse = (result: SliceResult) =>
  isPoison(result)
    ? ({ kind: 'refused', reason: 'column campaign: "a" does not fit', row: 3 } as const)
    : undefined;

const datesOf = (sink: MemorySink) => [...sink.slices.keys()].map((key) => key.slice(-24)).sort();
const stateOf = (sink: MemorySink) =>
  sink.savedState.find(
    ({ stream, accountId }) => stream === 'dsp_impressions' && accountId.startsWith('DE'),
  )?.state;

/** Of any two states that were saved, none claims a slice that is not held. */
function neverAhead(sink: MemorySink): void {
  const state = stateOf(sink);
  if (state === undefined) return;
  expect(isClosed(state, POISON)).toBe(false);
  expect(state.tail[POISON]?.execution_id ?? null).toBeNull();
}

it('a slice that cannot be taken fails alone, with its place, and no state ever claims it', async () => {
  await using here = await world();
  const sink = new MemorySink();
  sink.refuse = refuse;
  sink.onCall = () => neverAhead(sink);
  const summary = await here.run(sink);
  neverAhead(sink);
  expect(datesOf(sink)).toHaveLength(11);
  const reason = /\.csv, line 4: column campaign: "a" does not fit$/;
  expect(summary.failed).toMatchObject([
    { eventDate: POISON, reason: expect.stringMatching(reason) },
  ]);
  expect(outcomeOf(summary)).toBe('slicesFailed');
  const rows = sink.ledgerRows.filter(({ status }) => status === 'failed');
  expect(rows.length).toBeGreaterThan(1);
  for (const row of rows) {
    expect(row).toMatchObject({ event_date: POISON, reason: expect.stringMatching(reason) });
  }
  const entry = stateOf(sink)?.tail[POISON];
  expect(entry).toMatchObject({ status: 'open', attempts: rows.length });
  const waitMs = Date.parse(entry?.next_try ?? '') - Date.parse(summary.endedAt);
  expect(waitMs).toBeGreaterThan(50 * 60_000);
});

it('is loaded once it can be taken, and the state passes it then', async () => {
  await using here = await world();
  const sink = new MemorySink();
  sink.refuse = refuse;
  await here.run(sink);
  sink.refuse = () => undefined;
  here.moveTo('2026-01-08T06:00:00Z');
  await here.run(sink);
  expect(datesOf(sink)).toHaveLength(14);
  expect(stateOf(sink)?.bookmark).toBe('2026-01-04');
});

it.each([false, true])('nor by a sink that takes its time (mayOverlap: %s)', async (mayOverlap) => {
  await using here = await world();
  const sink = new SlowSink({ mayOverlap, pause: () => here.time.clock.sleep(60_000) });
  sink.refuse = refuse;
  sink.onCall = () => neverAhead(sink);
  const summary = await here.run(sink);
  neverAhead(sink);
  expect(datesOf(sink)).toHaveLength(11);
  expect(summary.failed).toHaveLength(1);
});

it('dates at risk are reported whatever cannot be taken', async () => {
  await using here = await world();
  here.moveTo('2026-01-31T12:00:00Z');
  const sink = new MemorySink();
  sink.refuse = () => ({ kind: 'refused', reason: 'nothing fits' });
  const summary = await here.run(sink);
  expect(summary.atRisk.map(({ eventDate }) => eventDate)).toContain(POISON);
  expect(outcomeOf(summary)).toBe('dateAtRisk');
});
