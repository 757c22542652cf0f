import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import type { Account } from '@traffic-events/client';
import type { InFlightExecution, LedgerRow, PartitionChange } from '@traffic-events/slice';
import { windowOf } from '@traffic-events/slice';
import { expect, it } from 'vitest';

import { withStreams } from './streams/account-streams.ts';
import { createRequest } from './running/create-request.ts';
import { DefinitionChangedError } from './errors.ts';
import { LocalArchive } from './archive/local-archive.ts';
import { runRebuild } from './archive/rebuild.ts';
import { partitionOf } from './state/saved-states.ts';
import { resolveStreams } from './streams/resolve-streams.ts';
import { narrowStream } from './streams/narrow-stream.ts';
import { MemorySink } from './testing/memory-sink.ts';
import { partitionsOfSinger } from './testing/singer-state.ts';
import { World } from './testing/world.ts';

const FOLDER = new URL('testing/written-before/', import.meta.url);
const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'));

const dsp: Account = { kind: 'dsp', marketplace: 'DE', advertiserId: '584930219384756193' };
const accountId = 'DE:dsp:584930219384756193';
const streams = resolveStreams({}).filter(({ name }) => name === 'dsp_clicks');
const clicks = withStreams(dsp, streams).streams.get('dsp_clicks')!;
const before = partitionsOfSinger(read('state.json'));
const written = partitionOf(before, 'dsp_clicks', accountId)!;
const archive = new LocalArchive({ folder: fileURLToPath(new URL('archive', FOLDER)) });

/** The world in which the state was written, at the moment when its run was stopped. */
const worldOfThen = () =>
  World.start({
    now: '2026-01-08T06:00:00Z',
    accounts: [dsp],
    startDate: '2026-01-01',
    streams,
    events: { kind: 'generated', seed: 7, fromDate: '2026-01-01', days: 6, eventsPerDay: 100 },
  });

/** What the archive has is loaded, and the executions in flight run again, under their names of then. */
async function resumed(here: World): Promise<MemorySink> {
  const sink = new MemorySink();
  const loaded = {
    archive,
    accounts: [dsp],
    streams,
    runId: 'r',
    startedAt: '2026-01-08T06:00:00Z',
  };
  await runRebuild({ ...loaded, state: [], sink });
  for (const row of sink.ledgerRows) Object.assign(row, { fingerprint: written.fingerprint });
  const client = here.client();
  const in_flight: InFlightExecution[] = [];
  for (const execution of written.in_flight) {
    const { query } = clicks.definition;
    const request = createRequest(query, execution.workflow_id, windowOf(execution.event_date));
    const { id } = await client.account(dsp).createExecution(request);
    in_flight.push({ ...execution, execution_id: id });
  }
  await client.close();
  sink.savedState = stateOf({ in_flight });
  return sink;
}

const stateOf = (changed: Partial<typeof written>): PartitionChange[] => [
  { stream: 'dsp_clicks', accountId, state: { ...written, ...changed } },
];

const totals = ({ slices }: MemorySink) =>
  [...slices].map(([key, { rows }]) => [key, rows.length, JSON.stringify(rows)]);

it('a state of then goes on: executions in flight are taken over, closed dates stay closed', async () => {
  await using here = await worldOfThen();
  const sink = await resumed(here);
  const held = totals(sink);
  const created = (await here.executions()).length;
  const summary = await here.run(sink);
  expect(summary).toMatchObject({ adopted: 5, created: 0, loaded: 5, failed: [] });
  expect(await here.executions()).toHaveLength(created);
  expect(totals(sink)).toEqual(expect.arrayContaining(held));
  const now = partitionOf(sink.savedState, 'dsp_clicks', accountId)!;
  expect(now.fingerprint).toBe(clicks.fingerprint);
  expect(now.bookmark).toBe('2026-01-04');
  const rows = sink.ledgerRows.filter(({ run_id }: LedgerRow) => run_id === summary.runId);
  expect(new Set(rows.map(({ fingerprint }) => fingerprint))).toEqual(
    new Set([clicks.fingerprint]),
  );
});

it('a run that is killed while it takes such a state over ends in the same, whenever it dies', async () => {
  for (const at of [0, 1, 2, 4]) {
    await using here = await worldOfThen();
    const sink = await resumed(here);
    let calls = 0;
    sink.onCall = () => {
      if (calls++ === at) throw new Error('killed');
    };
    await expect(here.run(sink)).rejects.toThrow('killed');
    sink.onCall = () => {};
    const summary = await here.run(sink);
    expect(summary).toMatchObject({ created: 0, failed: [] });
    const now = partitionOf(sink.savedState, 'dsp_clicks', accountId)!;
    expect(now).toMatchObject({ fingerprint: clicks.fingerprint, bookmark: '2026-01-04' });
    expect(now.renamed).toEqual({ [written.fingerprint]: clicks.fingerprint });
  }
});

it('executions that the state does not know are found by their names of then', async () => {
  await using here = await worldOfThen();
  const sink = await resumed(here);
  sink.savedState = stateOf({ in_flight: [] });
  expect(await here.run(sink)).toMatchObject({ adopted: 5, created: 0 });
});

it('an archive of then is loaded again', async () => {
  const sink = new MemorySink();
  const summary = await runRebuild({
    archive,
    accounts: [dsp],
    streams: resolveStreams({ columnTypes: { dsp_clicks: { campaign_id: 'STRING' } } }),
    state: before,
    sink,
    runId: 'rebuild',
    startedAt: '2026-01-09T00:00:00.000Z',
  });
  expect(summary).toMatchObject({ reloaded: 3, otherDefinition: 0 });
  expect(sink.ledgerRows.map(({ fingerprint }) => fingerprint)).toEqual(
    Array.from({ length: 3 }, () => clicks.fingerprint),
  );
});

it('another definition than then still stops the run before it writes', async () => {
  await using here = await worldOfThen();
  const sink = new MemorySink(before);
  const narrow = streams.map((stream) => narrowStream(stream, new Set(['clicks', 'campaign'])));
  await expect(here.run(sink, { streams: narrow })).rejects.toThrow(DefinitionChangedError);
  expect([sink.runs, sink.calls]).toEqual([[], []]);
});
