import type { Account } from '@traffic-events/client';
import { expect, it } from 'vitest';

import { outcomeOf } from './run-summary.ts';
import { dailyStream } from '../streams/data-source-streams.ts';
import { MemorySink } from '../testing/memory-sink.ts';
import { World } from '../testing/world.ts';

const dsp: Account = { kind: 'dsp', marketplace: 'DE', advertiserId: '584930219384756193' };
const REFUSED = { stream: 'dsp_clicks', reason: 'Stream dsp_clicks: it is a view' };

function world(now: string): Promise<World> {
  return World.start({
    now,
    accounts: [dsp],
    startDate: '2026-01-01',
    streams: [dailyStream('dsp_impressions'), dailyStream('dsp_clicks')],
    events: { kind: 'generated', seed: 7, fromDate: '2026-01-01', days: 6, eventsPerDay: 100 },
  });
}

const streamsOf = (names: Iterable<string>) =>
  new Set([...names].map((name) => /dsp_(?:clicks|impressions)/.exec(name)?.[0]));

it('a stream that the warehouse refuses is not asked for, and the others are loaded', async () => {
  await using here = await world('2026-01-07T06:00:00Z');
  const sink = new MemorySink();
  sink.refusedStreams = [REFUSED];
  const summary = await here.run(sink);
  const executions = await here.executions();
  expect(streamsOf(executions.map(({ workflowId }) => workflowId))).toEqual(
    new Set(['dsp_impressions']),
  );
  expect(summary).toMatchObject({
    created: executions.length,
    loaded: executions.length,
    failed: [],
    refusedStreams: [REFUSED],
    leftForLater: [{ reason: 'warehouse', slices: 6, nextTry: null }],
  });
  expect(outcomeOf(summary)).toBe('slicesFailed');
  sink.refusedStreams = [];
  expect(outcomeOf(await here.run(sink))).toBe('done');
  expect(streamsOf(sink.slices.keys())).toEqual(new Set(['dsp_impressions', 'dsp_clicks']));
});

it('its dates at risk and what is lost of it are reported all the same', async () => {
  await using here = await world('2026-01-07T06:00:00Z');
  const sink = new MemorySink();
  sink.refusedStreams = [REFUSED];
  await here.run(sink);
  here.moveTo('2026-01-31T12:00:00Z');
  const summary = await here.run(sink);
  expect(streamsOf(summary.atRisk.map(({ stream }) => stream))).toEqual(new Set(['dsp_clicks']));
  here.moveTo('2026-02-08T12:00:00Z');
  const later = await here.run(sink);
  expect(later.missed.map(({ stream }) => stream)).toContain('dsp_clicks');
  expect(outcomeOf(later)).toBe('dateAtRisk');
});

it('what runs of it stays in flight, and is taken over once it can be', async () => {
  await using here = await world('2026-01-07T06:00:00Z');
  const sink = new MemorySink();
  const ending = new AbortController();
  sink.onCall = (call) => {
    if (call === 'state') ending.abort();
  };
  const first = await here.run(sink, { signal: ending.signal });
  sink.onCall = () => {};
  const running = first.inFlight.filter(({ stream }) => stream === 'dsp_clicks');
  expect(running).not.toEqual([]);
  sink.refusedStreams = [REFUSED];
  const second = await here.run(sink);
  expect(second.inFlight).toEqual(running);
  sink.refusedStreams = [];
  const third = await here.run(sink);
  expect(third).toMatchObject({ adopted: running.length, inFlight: [], refusedStreams: [] });
});
