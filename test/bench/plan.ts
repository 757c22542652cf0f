import type { Account } from '@traffic-events/client';
import { addDays } from '@traffic-events/slice';
import { builtInStreams } from '@traffic-events/source';
import type { StreamDefinition } from '@traffic-events/source';
import { MemorySink } from '@traffic-events/source/testing';

import { atMost } from './measurement.ts';
import type { Bench } from './measurement.ts';
import { EXECUTION_MS, withVirtualApi } from './virtual-api.ts';

const NAME = 'plan.makespan_over_bound';
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
function backfill(accounts: readonly Account[]): Promise<number> {
  const api = { accounts, start: START, days: DAYS, eventsPerDay: 0, beginsAfterMs: 1000 };
  return withVirtualApi(api, async ({ time, sync }) => {
    const originMs = time.clock.now();
    const { failed, loaded } = await sync({
      streams: tenStreams(),
      range: { from: START, to: addDays(START, DAYS - 1) },
      sink: new MemorySink(),
    });
    const wanted = accounts.length * SLICES;
    if (failed.length > 0 || loaded < wanted) {
      throw new Error(`${loaded} of ${wanted} slices loaded; ${failed[0]?.reason ?? ''}`);
    }
    return time.clock.now() - originMs;
  });
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
