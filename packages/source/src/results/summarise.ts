import { DISCRIMINATOR_COLUMN, isNumericType } from '@traffic-events/slice';

import { ExactSum } from './exact-sum.ts';
import { mainMetric } from '../streams/stream.ts';
import type { StreamDefinition } from '../streams/stream.ts';

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

/** Columns that a summary needs: the discriminator, then the main metrics. */
export function summaryColumns(stream: StreamDefinition): number[] {
  return [DISCRIMINATOR_COLUMN, ...stream.mainMetrics].map((column) =>
    stream.columns.findIndex(({ name }) => name === column),
  );
}

type SummedRow = readonly (string | number | null)[];

/** Sums up a result row by row. */
export class Summariser {
  readonly #stream: StreamDefinition;
  readonly #filteredAt: number;
  readonly #metrics: readonly MetricSum[];
  #rowCount = 0;

  /** `places`: where the rows have the columns that `summaryColumns` names. */
  constructor(stream: StreamDefinition, places: readonly number[]) {
    const [filteredAt = -1, ...metricsAt] = places;
    this.#stream = stream;
    this.#filteredAt = filteredAt;
    this.#metrics = stream.mainMetrics.map(
      (name, index) => new MetricSum(name, metricsAt[index] ?? -1, hasSum(stream, name)),
    );
  }

  /** Cells may be numbers where these hold them exactly. */
  add(row: SummedRow): void {
    this.#rowCount += 1;
    const filtered = row[this.#filteredAt] === 'true';
    for (const metric of this.#metrics) metric.add(row, filtered);
  }

  summary(): ResultSummary {
    const main = this.#metrics.find((metric) => metric.name === mainMetric(this.#stream));
    return {
      rowCount: this.#rowCount,
      sums: Object.fromEntries(this.#metrics.map((metric) => [metric.name, metric.total()])),
      mainSum: main?.total() ?? null,
      suppressedShare: main?.suppressedShare() ?? null,
    };
  }
}

/** A metric that the configuration has made a text has no sum. */
function hasSum({ columns }: StreamDefinition, metric: string): boolean {
  return columns.some(({ name, type }) => name === metric && isNumericType(type));
}

/** A blanked cell makes the sum unknown; an empty one in a row that was not suppressed adds nothing. */
class MetricSum {
  readonly name: string;
  readonly #index: number;
  readonly #all = new ExactSum();
  readonly #suppressed = new ExactSum();
  #known: boolean;

  constructor(name: string, index: number, hasSum: boolean) {
    this.name = name;
    this.#index = index;
    this.#known = hasSum;
  }

  add(row: SummedRow, filtered: boolean): void {
    if (!this.#known) return;
    const cell = row[this.#index] ?? null;
    if (cell === null) {
      if (filtered) this.#known = false;
      return;
    }
    addTo(this.#all, cell);
    if (filtered) addTo(this.#suppressed, cell);
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

function addTo(sum: ExactSum, cell: string | number): void {
  if (typeof cell === 'number') sum.addInteger(cell);
  else sum.add(cell);
}
