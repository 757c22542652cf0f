import type { Simulator } from '@traffic-events/simulator';
import { DATES } from './questions-world.ts';

type Question = Parameters<Simulator['truth']>[0];
type DataSource = Question['dataSource'];
type TruthRows = Awaited<ReturnType<Simulator['truth']>>;

/** A row of an answer, or a value that its cells are told apart by. */
export type Answer = Readonly<Record<string, string | number | boolean | null>>;

interface Asked {
  readonly dataSource: DataSource;
  readonly metric: string;
  readonly accounts: readonly string[];
  /** Columns of the answer: `account_id`, `event_date`, and dimensions of the source. */
  readonly by: readonly string[];
  readonly asOfMs?: number;
}

/** What really happened, reckoned from the simulator's raw events without any SQL of the warehouse. */
export class EventsTruth {
  readonly #simulator: Simulator;
  readonly #asked = new Map<string, Promise<TruthRows>>();

  constructor(simulator: Simulator) {
    this.#simulator = simulator;
  }

  /** Sums of a metric by what the columns of an answer say. */
  async sums({ dataSource, metric, accounts, by, asOfMs }: Asked): Promise<Map<string, number>> {
    const dimensions = by.filter((column) => column !== 'account_id' && column !== 'event_date');
    const sums = new Map<string, number>();
    for (const account of accounts) {
      const question = { account, dataSource, ...DATES, by: dimensions };
      const rows = await this.#rows(asOfMs === undefined ? question : { ...question, asOfMs });
      for (const row of rows) {
        const cells = { ...row.by, account_id: account, event_date: row.event_date };
        const key = keyOf(cells, by);
        sums.set(key, (sums.get(key) ?? 0) + Number(row.totals[metric]));
      }
    }
    return sums;
  }

  #rows(question: Question): Promise<TruthRows> {
    const key = JSON.stringify(question);
    const known = this.#asked.get(key) ?? this.#simulator.truth(question);
    this.#asked.set(key, known);
    return known;
  }
}

export function keyOf(row: Answer, by: readonly string[]): string {
  return by.map((column) => row[column]).join('|');
}

/** Sums of a column of an answer by other ones; what is not known counts nothing. */
export function added(
  rows: readonly Answer[],
  column: string,
  by: readonly string[],
): Map<string, number> {
  const sums = new Map<string, number>();
  for (const row of rows) {
    const key = keyOf(row, by);
    sums.set(key, (sums.get(key) ?? 0) + Number(row[column] ?? 0));
  }
  return sums;
}
