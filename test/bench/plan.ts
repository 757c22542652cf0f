import { TrafficEventsClient } from '@traffic-events/client';
import type { Account } from '@traffic-events/client';
import { startSimulator } from '@traffic-events/simulator';
import { addDays } from '@traffic-events/slice';
import { builtInStreams, runSync } from '@traffic-events/source';
import type { StreamDefinition } from '@traffic-events/source';
import { MemorySink, VirtualTime } from '@traffic-events/source/testing';

import { atMost } from './measurement.ts';
import type { Bench } from './measurement.ts';

const NAME = 'plan.makespan_over_bound';
const EXECUTION_MS = 15 * 60_000;
const SLOTS = 5;
const DAYS = 30;
const STREAMS = 10;
const ACCOUNT_COUNTS = [1, 20];
const START = '2026-01-01';
const SLICES = STREAMS * DAYS;
const BOUND_MS = Math.ceil(SLICES / SLOTS) * EXECUTION_MS;

/** How long a backfill takes beside the least that five slots allow: the worse of both counts. */
export const planBench: Bench = {
  names: [NAME],
  measure: async (report) => {
    const ratios: number[] = [];
    for (const count of ACCOUNT_COUNTS) {
      report(`${NAME}: ${count * SLICES} executions, accounts: ${count} …`);
      ratios.push((await backfill(accountsOf(count))) / BOUND_MS);
    }
    const each = ratios.map((ratio, index) => `${ratio.toFixed(4)} for ${ACCOUNT_COUNTS[index]}`);
    const baseline = `${BOUND_MS / 3_600_000} h for ${SLICES} executions through ${SLOTS} slots; accounts: ${each.join(', ')}`;
    return [atMost(1.03, { name: NAME, value: Math.max(...ratios), unit: 'ratio', baseline })];
  },
};

/** Makespan in virtual time, in ms, of ten streams over 30 days. */
async function backfill(accounts: readonly Account[]): Promise<number> {
  const originMs = Date.parse(`${addDays(START, DAYS)}T00:00:01Z`);
  const time = new VirtualTime({ originMs });
  const simulator = await startSimulator({
    clock: time.simulated,
    accounts: [...accounts],
    events: { kind: 'generated', seed: 1, fromDate: START, days: DAYS, eventsPerDay: 0 },
    executionDurationMs: EXECUTION_MS,
  });
  const client = new TrafficEventsClient({
    ...simulator.credentials,
    apiUrl: simulator.url,
    tokenUrl: `${simulator.url}/auth/o2/token`,
    clock: time.clock,
    dispatcher: time.dispatcher,
  });
  try {
    const { failed, loaded } = await runSync({
      client,
      accounts,
      streams: tenStreams(),
      startDate: START,
      range: { from: START, to: addDays(START, DAYS - 1) },
      state: [],
      sink: new MemorySink(),
      clock: time.clock,
    });
    const wanted = accounts.length * SLICES;
    if (failed.length > 0 || loaded < wanted) {
      throw new Error(`${loaded} of ${wanted} slices loaded; ${failed[0]?.reason ?? ''}`);
    }
    return time.clock.now() - originMs;
  } finally {
    await client.close();
    await time.stop();
    await simulator.close();
  }
}

/** Ten streams whose dates do not expire while the oldest of 30 waits for its turn. */
function tenStreams(): StreamDefinition[] {
  return builtInStreams('joined')
    .filter(({ accountKind, query }) => accountKind === 'dsp' && query.kind === 'sql')
    .slice(0, STREAMS)
    .map((stream) => ({
      ...stream,
      timing: { ...stream.timing, retentionMs: 2 * DAYS * 86_400_000 },
    }));
}

function accountsOf(count: number): Account[] {
  return Array.from({ length: count }, (_, index) => ({
    kind: 'dsp',
    marketplace: 'DE',
    advertiserId: String(590_000_000_000 + index),
  }));
}
