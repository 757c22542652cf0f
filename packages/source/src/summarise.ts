import { DISCRIMINATOR_COLUMN } from '@traffic-events/slice';
import type { ResultRow } from '@traffic-events/slice';

import { ExactSum } from './exact-sum.ts';
import { mainMetric } from './stream.ts';
import type { StreamDefinition } from './stream.ts';

/** What the ledger says about a result. */
export interface ResultSummary {
  readonly rowCount: number;
  /** Sum of each main metric, decimal text; null where a suppressed row came without it. */
  readonly sums: Readonly<Record<string, string | null>>;
  /** Sum of the first main metric; null where it is unknown, or the stream has none. */
  readonly mainSum: string | null;
  /** Share of the first main metric in suppressed rows, 0 to 1; null where the sum is unknown. */
  readonly suppressedShare: number | null;
}

/** Reads a result once, row by row. */
export async function summarise(
  stream: StreamDefinition,
  batches: AsyncIterable<readonly ResultRow[]>,
): Promise<ResultSummary> {
  const filteredAt = indexOf(stream, DISCRIMINATOR_COLUMN);
  const metrics = stream.mainMetrics.map((name) => new MetricSum(name, indexOf(stream, name)));
  let rowCount = 0;
  for await (const rows of batches) {
    rowCount += rows.length;
    for (const row of rows) {
      const filtered = row[filteredAt] === 'true';
      for (const metric of metrics) metric.add(row, filtered);
    }
  }
  const main = metrics.find((metric) => metric.name === mainMetric(stream));
  return {
    rowCount,
    sums: Object.fromEntries(metrics.map((metric) => [metric.name, metric.total()])),
    mainSum: main?.total() ?? null,
    suppressedShare: main?.suppressedShare() ?? null,
  };
}

function indexOf(stream: StreamDefinition, column: string): number {
  return stream.columns.findIndex(({ name }) => name === column);
}

/** A blanked cell makes the sum unknown; an empty one in a row that was not suppressed adds nothing. */
class MetricSum {
  readonly name: string;
  readonly #index: number;
  readonly #all = new ExactSum();
  readonly #suppressed = new ExactSum();
  #known = true;

  constructor(name: string, index: number) {
    this.name = name;
    this.#index = index;
  }

  add(row: ResultRow, filtered: boolean): void {
    const cell = row[this.#index] ?? null;
    if (cell === null) {
      if (filtered) this.#known = false;
      return;
    }
    this.#all.add(cell);
    if (filtered) this.#suppressed.add(cell);
  }

  total(): string | null {
    return this.#known ? this.#all.toString() : null;
  }

  suppressedShare(): number | null {
    if (!this.#known) return null;
    const all = Number(this.#all.toString());
    return all === 0 ? 0 : Number(this.#suppressed.toString()) / all;
  }
}
