import { TrafficEventsClient } from '@traffic-events/client';
import type { AccountClient } from '@traffic-events/client';
import { SimulatedClock, startSimulator } from '@traffic-events/simulator';
import type { Simulator } from '@traffic-events/simulator';

import { atMost } from './measurement.ts';
import type { Bench, Measurement } from './measurement.ts';

const EXECUTIONS = 200;
/** What the client may learn from before its delays count. */
const LEARNING = 20;
const MEDIAN_MS = 15 * 60_000;
const SIGMA = 0.3;
const ACCOUNT = { kind: 'dsp', marketplace: 'DE', advertiserId: '1234' } as const;
const START_MS = Date.parse('2026-02-01T06:00:00Z');

export const pollsBench: Bench = {
  names: ['client.polls_15min', 'client.detect_p50_s'],
  measure: measurePolls,
};

interface Run {
  readonly polls: number;
  readonly delayMs: number;
}

/**
 * Status calls of an execution at most, and how long after its end it is found done at the median:
 * executions of about 15 minutes, one after the other, over HTTP and on a clock that skips the waits.
 */
export async function measurePolls(report: (line: string) => void): Promise<Measurement[]> {
  const clock = new SimulatedClock({ originMs: START_MS, scale: 0 });
  const simulator = await startSimulator({
    clock,
    accounts: [ACCOUNT],
    events: { kind: 'generated', fromDate: '2026-01-30', days: 1, eventsPerDay: 10 },
    executionDurationMs: { medianMs: MEDIAN_MS, sigma: SIGMA },
    timestampPrecision: 'milliseconds',
    tokenTtlSeconds: 86_400,
  });
  const client = clientOf(simulator);
  try {
    const account = client.account(ACCOUNT);
    const runs: Run[] = [];
    for (let number = 0; number < EXECUTIONS; number += 1) {
      runs.push(await runOne(account, number));
    }
    const delays = runs.slice(LEARNING).map(({ delayMs }) => delayMs);
    const calls = runs.reduce((sum, { polls }) => sum + polls, 0) / runs.length;
    report(`${EXECUTIONS} executions, ${calls.toFixed(1)} status calls each on average`);
    const baseline = `${EXECUTIONS} executions, log-normal, median 15 min, sigma ${SIGMA}`;
    return [
      atMost(20, {
        name: 'client.polls_15min',
        value: Math.max(...runs.map(({ polls }) => polls)),
        unit: 'status calls of one execution, at most',
        baseline,
      }),
      atMost(30, {
        name: 'client.detect_p50_s',
        value: Math.round(median(delays) / 100) / 10,
        unit: 's',
        baseline: `after learning from ${LEARNING}`,
      }),
    ];
  } finally {
    await client.close();
    await simulator.close();
  }
}

async function runOne(account: AccountClient, number: number): Promise<Run> {
  const created = await account.createExecution({
    kind: 'sql',
    workflowId: `polls-${number}`,
    sqlQuery: 'SELECT SUM(impressions) AS impressions FROM dsp_impressions',
    window: { startMs: Date.parse('2026-01-30'), endMs: Date.parse('2026-01-31') },
  });
  let run: Run | undefined;
  await account.runToCompletion(created, {
    durationKey: 'dsp_impressions',
    onProgress: ({ execution, polls, elapsedMs }) => {
      const endedMs = (execution.lastUpdatedTimeMs ?? 0) - (created.createTimeMs ?? 0);
      run = { polls, delayMs: elapsedMs - endedMs };
    },
  });
  if (run === undefined) throw new Error(`execution ${created.id} ended without a status call`);
  return run;
}

/** Waits move the simulator's clock at once. */
function clientOf({ url, clock, credentials }: Simulator): TrafficEventsClient {
  return new TrafficEventsClient({
    ...credentials,
    apiUrl: url,
    tokenUrl: `${url}/auth/o2/token`,
    clock: {
      now: () => clock.now(),
      sleep: async (ms) => clock.advanceTo(clock.now() + ms),
    },
  });
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
