import { TrafficEventsClient } from '@traffic-events/client';
import type { Account } from '@traffic-events/client';
import { startSimulator } from '@traffic-events/simulator';
import { addDays } from '@traffic-events/slice';
import type { EventDate } from '@traffic-events/slice';
import { runSync } from '@traffic-events/source';
import type { RunSyncOptions, RunSummary } from '@traffic-events/source';
import { VirtualTime } from '@traffic-events/source/testing';

/** Executions often take that long (API.md 1.3). */
export const EXECUTION_MS = 15 * 60_000;

export interface VirtualApiOptions {
  readonly accounts: readonly Account[];
  /** The first event date. */
  readonly start: EventDate;
  readonly days: number;
  readonly eventsPerDay: number;
  /** After the last of the days begins the first run. */
  readonly beginsAfterMs: number;
}

export interface VirtualApi {
  readonly time: VirtualTime;
  readonly sync: (
    options: Pick<RunSyncOptions, 'streams' | 'sink'> & Partial<RunSyncOptions>,
  ) => Promise<RunSummary>;
}

/** Plays runs against a simulator whose time passes as soon as nothing else is to be done. */
export async function withVirtualApi<T>(
  options: VirtualApiOptions,
  use: (api: VirtualApi) => Promise<T>,
): Promise<T> {
  const { accounts, start, days, eventsPerDay, beginsAfterMs } = options;
  const time = new VirtualTime({
    originMs: Date.parse(`${addDays(start, days)}T00:00:00Z`) + beginsAfterMs,
  });
  const simulator = await startSimulator({
    clock: time.simulated,
    accounts: [...accounts],
    events: { kind: 'generated', seed: 1, fromDate: start, days, eventsPerDay },
    executionDurationMs: EXECUTION_MS,
  });
  const client = new TrafficEventsClient({
    ...simulator.credentials,
    apiUrl: simulator.url,
    tokenUrl: `${simulator.url}/auth/o2/token`,
    clock: time.clock,
    dispatcher: time.dispatcher,
  });
  const { clock } = time;
  try {
    return await use({
      time,
      sync: (run) => runSync({ client, accounts, startDate: start, state: [], clock, ...run }),
    });
  } finally {
    await client.close();
    await time.stop();
    await simulator.close();
  }
}
