import { TrafficEventsClient } from '@traffic-events/client';
import type { Account } from '@traffic-events/client';
import { SimulatedClock, startSimulator } from '@traffic-events/simulator';
import type { Simulator, SimulatorOptions } from '@traffic-events/simulator';
import { afterEach, expect, it } from 'vitest';

import { runSync } from './run-sync.ts';
import type { RunSyncOptions } from './run-sync.ts';
import { defaultStreams } from './streams/default-streams.ts';
import { MemorySink } from './testing/memory-sink.ts';

const dsp: Account = { kind: 'dsp', marketplace: 'DE', advertiserId: '584930219384756193' };
const entity: Account = { kind: 'sponsored_ads', marketplace: 'UK', entityId: 'ENTITY1' };

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

interface World {
  readonly simulator: Simulator;
  readonly client: TrafficEventsClient;
  readonly sync: (
    sink: MemorySink,
    options?: Partial<RunSyncOptions>,
  ) => ReturnType<typeof runSync>;
}

async function world(now: string, options: Partial<SimulatorOptions> = {}): Promise<World> {
  const clock = new SimulatedClock({ originMs: Date.parse(now), scale: 5000 });
  const simulator = await startSimulator({
    clock,
    accounts: [dsp, entity],
    events: { kind: 'generated', seed: 7, fromDate: '2026-01-01', days: 6, eventsPerDay: 300 },
    ...options,
  });
  const client = clientOf(simulator);
  closers.push(
    () => simulator.close(),
    () => client.close(),
  );
  const sync: World['sync'] = (sink, rest = {}) =>
    runSync({
      client,
      accounts: [dsp, entity],
      streams: defaultStreams,
      startDate: '2026-01-01',
      state: sink.savedState,
      sink,
      clock,
      ...rest,
    });
  return { simulator, client, sync };
}

function clientOf(simulator: Simulator): TrafficEventsClient {
  return new TrafficEventsClient({
    ...simulator.credentials,
    apiUrl: simulator.url,
    tokenUrl: `${simulator.url}/auth/o2/token`,
    clock: simulator.clock,
  });
}

async function executions(simulator: Simulator): Promise<unknown[]> {
  const answer = await fetch(`${simulator.url}/_simulator/executions`);
  const body = (await answer.json()) as { executions: unknown[] };
  return body.executions;
}

it('extracts every date once, and its totals are the truth', async () => {
  const { simulator, sync } = await world('2026-01-12T06:00:00Z');
  const sink = new MemorySink();
  const summary = await sync(sink);
  expect(summary).toMatchObject({ created: 77, loaded: 77, failed: [], missed: [], atRisk: [] });
  expect(await executions(simulator)).toHaveLength(77);
  const truth = await simulator.truth({
    account: 'DE:dsp:584930219384756193',
    dataSource: 'dsp_impressions',
    from: '2026-01-01',
    to: '2026-01-11',
  });
  for (const { event_date, totals } of truth) {
    const key = `dsp_impressions DE:dsp:584930219384756193 ${event_date}`;
    expect([event_date, String(sink.total(key, 'impressions'))]).toEqual([
      event_date,
      totals['impressions'],
    ]);
  }
});
