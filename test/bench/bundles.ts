import type { Account } from '@traffic-events/client';
import { addDays } from '@traffic-events/slice';
import type { PartitionChange } from '@traffic-events/slice';
import { builtInStreams, isBundled } from '@traffic-events/source';
import type { StreamDefinition } from '@traffic-events/source';
import { MemorySink } from '@traffic-events/source/testing';

import { atMost } from './measurement.ts';
import type { Bench } from './measurement.ts';
import { EXECUTION_MS, withVirtualApi } from './virtual-api.ts';
import type { VirtualApi } from './virtual-api.ts';

const FIRST = 'plan.first_backfill_hours';
const PROVEN = 'plan.backfill_hours_proven';
const DAILY = 'plan.executions_a_day';
const SLOTS = 5;
const DAYS = 30;
const START = '2026-01-01';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A date can be had whole for so long; of 30 the first has begun to expire as a run begins. */
const DATES = DAYS - 1;
/** Until all of them arrived, a date is asked for each day: so many are open in steady state. */
const OPEN_DATES = 4;
/** Enough for a row in each of the sources. */
const EVENTS_PER_DAY = 1000;
const ACCOUNT: Account = { kind: 'dsp', marketplace: 'DE', advertiserId: '590000000000' };

/** What a DSP account with all daily tables at all grains costs where a query asks for several. */
export const bundlesBench: Bench = {
  names: [FIRST, PROVEN, DAILY],
  measure: async (report) => {
    const streams = dailyStreams();
    report(`${FIRST}: ${streams.length} streams, ${DATES} dates …`);
    const first = await withVirtualApi(apiOf(DAYS + 4), (api) => firstRun(api, streams));
    report(`${PROVEN}: the same of an account that has proven its bundles …`);
    const provenHours = await withVirtualApi(apiOf(DAYS), (api) =>
      backfill(api, streams, new MemorySink(first.proven)),
    );
    const alone = (dates: number) => dates * streams.length;
    const hoursAlone = (Math.ceil(alone(DATES) / SLOTS) * EXECUTION_MS) / HOUR_MS;
    const without = `${hoursAlone} h for ${alone(DATES)} executions without bundles`;
    return [
      atMost(4.5, { name: FIRST, value: first.hours, unit: 'h', baseline: without }),
      atMost(3.1, { name: PROVEN, value: provenHours, unit: 'h', baseline: without }),
      atMost(8, {
        name: DAILY,
        value: first.executionsADay,
        unit: 'executions',
        baseline: `${alone(OPEN_DATES)} without bundles`,
      }),
    ];
  },
};

/** A first run, the days after it, and the state that lets another one begin with what it has proven. */
async function firstRun(api: VirtualApi, streams: readonly StreamDefinition[]) {
  const sink = new MemorySink();
  const hours = await backfill(api, streams, sink);
  const proven = sink.savedState.map(
    ({ state: { fingerprint, bundle }, ...of }): PartitionChange => ({
      ...of,
      state: {
        fingerprint,
        bundle,
        since: addDays(START, DAYS - DATES),
        bookmark: null,
        tail: {},
        in_flight: [],
      },
    }),
  );
  let executionsADay = Number.NaN;
  for (let day = 0; day < 3; day += 1) {
    api.time.simulated.advanceTo(api.time.clock.now() + DAY_MS);
    executionsADay = (await sync(api, streams, sink)).created;
  }
  return { hours, executionsADay, proven };
}

async function backfill(
  api: VirtualApi,
  streams: readonly StreamDefinition[],
  sink: MemorySink,
): Promise<number> {
  const originMs = api.time.clock.now();
  const { loaded } = await sync(api, streams, sink);
  if (loaded < DATES * streams.length) throw new Error(`${loaded} slices loaded`);
  return (api.time.clock.now() - originMs) / HOUR_MS;
}

async function sync(api: VirtualApi, streams: readonly StreamDefinition[], sink: MemorySink) {
  const state = sink.savedState;
  const summary = await api.sync({ streams, sink, state, bundle: 'auto' });
  const [failed] = summary.failed;
  if (failed !== undefined) throw new Error(failed.reason);
  return summary;
}

function apiOf(days: number) {
  const beginsAfterMs = 6 * HOUR_MS - (days - DAYS) * DAY_MS;
  return { accounts: [ACCOUNT], start: START, days, eventsPerDay: EVENTS_PER_DAY, beginsAfterMs };
}

function dailyStreams(): StreamDefinition[] {
  return builtInStreams().filter((stream) => isBundled(stream) && stream.accountKind === 'dsp');
}
