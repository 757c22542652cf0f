import { TrafficEventsClient } from '@traffic-events/client';
import type { Account } from '@traffic-events/client';
import { SimulatedClock, startSimulator } from '@traffic-events/simulator';
import type { Simulator } from '@traffic-events/simulator';
import type { LedgerRow, Sink, SliceResult } from '@traffic-events/slice';
import { builtInStreams, runSync } from '@traffic-events/source';
import type { MetricLayout, StreamDefinition } from '@traffic-events/source';

import type { Bench, Measurement } from './measurement.ts';

const DSP: Account = { kind: 'dsp', marketplace: 'DE', advertiserId: '590122334455667788' };
const ENTITY: Account = { kind: 'sponsored_ads', marketplace: 'UK', entityId: 'ENTITY1' };

/** Share of each metric's total that stands in suppressed rows, averaged over a table's metrics. */
type Shares = ReadonlyMap<string, number>;

const NAME = 'source.suppressed_share';

/** How much each table suppresses when its metrics share rows, and when each has rows of its own. */
export const suppressionBench: Bench = {
  names: tablesWithSeveralMetrics('joined').map(({ name }) => `${NAME}.${name}`),
  measure: measureSuppression,
};

async function measureSuppression(report: (line: string) => void): Promise<Measurement[]> {
  report(`${NAME}: seven days of every table with several metrics, in both layouts …`);
  const clock = new SimulatedClock({ originMs: Date.parse('2026-01-14T06:00:00Z'), scale: 20_000 });
  const simulator = await startSimulator({
    clock,
    accounts: [DSP, ENTITY],
    events: { kind: 'generated', seed: 11, fromDate: '2026-01-01', days: 7, eventsPerDay: 4000 },
  });
  try {
    const joined = await sharesOf('joined', simulator, clock);
    const perMetric = await sharesOf('per_metric', simulator, clock);
    return [...joined].map(([table, share]) => ({
      name: `${NAME}.${table}`,
      value: perMetric.get(table) ?? share,
      unit: 'share',
      baseline: `${share.toFixed(4)} where the metrics share rows`,
      ok: true,
    }));
  } finally {
    await simulator.close();
  }
}

async function sharesOf(
  layout: MetricLayout,
  simulator: Simulator,
  clock: SimulatedClock,
): Promise<Shares> {
  const client = new TrafficEventsClient({
    ...simulator.credentials,
    apiUrl: simulator.url,
    tokenUrl: `${simulator.url}/auth/o2/token`,
    clock,
  });
  const sink = new ShareSink();
  try {
    await runSync({
      client,
      accounts: [DSP, ENTITY],
      streams: tablesWithSeveralMetrics(layout),
      startDate: '2026-01-01',
      range: { from: '2026-01-01', to: '2026-01-07' },
      state: [],
      sink,
      clock,
    });
  } finally {
    await client.close();
  }
  return sink.shares();
}

function tablesWithSeveralMetrics(layout: MetricLayout): StreamDefinition[] {
  return builtInStreams(layout).filter(
    ({ name, aggregate }) => name === aggregate?.dataSource && aggregate.metrics.length > 1,
  );
}

/** Adds up, for each metric, what stands in suppressed rows and what in all. */
class ShareSink implements Sink {
  readonly #sums = new Map<string, Map<string, { suppressed: number; all: number }>>();

  shares(): Shares {
    return new Map(
      [...this.#sums].map(([stream, metrics]) => {
        const shares = [...metrics.values()].filter(({ all }) => all > 0);
        const total = shares.reduce((sum, { suppressed, all }) => sum + suppressed / all, 0);
        return [stream, shares.length === 0 ? 0 : total / shares.length];
      }),
    );
  }

  async open() {
    return [];
  }

  async slice(result: SliceResult) {
    const { columns, mark } = result;
    const flagAt = columns.findIndex(({ role }) => role === 'discriminator');
    for await (const rows of result.rows()) {
      for (const row of rows) {
        for (const [index, { role, name }] of columns.entries()) {
          if (role !== 'metric') continue;
          this.#add(mark.stream, name, Number(row[index] ?? 0), row[flagAt] === 'true');
        }
      }
    }
    return { kind: 'applied' } as const;
  }

  async ledger(rows: readonly LedgerRow[]): Promise<void> {
    const failed = rows.find(({ status }) => status === 'failed');
    if (failed !== undefined) throw new Error(`${failed.stream}: ${failed.reason}`);
  }

  async state(): Promise<void> {}

  async close(): Promise<void> {}

  #add(stream: string, metric: string, value: number, suppressed: boolean): void {
    const metrics =
      this.#sums.get(stream) ?? new Map<string, { suppressed: number; all: number }>();
    const sums = metrics.get(metric) ?? { suppressed: 0, all: 0 };
    sums.all += value;
    if (suppressed) sums.suppressed += value;
    this.#sums.set(stream, metrics.set(metric, sums));
  }
}
