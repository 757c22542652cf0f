import type { TableWriter } from '../driver.ts';
import type { Stop } from './table-commits.ts';

/** More would fill memory: states of some taps have megabytes. */
const MAX_STATES = 32;

interface WaitingState {
  readonly value: unknown;
  /** How many rows of each table had come before it since the last commit; none where it is absent. */
  readonly rows: ReadonlyMap<TableWriter, number>;
}

/**
 * States that came while rows waited: should a row be refused and end the load, the newest that came
 * before it is true once the rows before it are committed. Of many only some are kept.
 */
export class WaitingStates {
  #states: WaitingState[] = [];

  add(value: unknown, tables: readonly TableWriter[]): void {
    if (this.#states.length === MAX_STATES) {
      this.#states = this.#states.filter((_, index) => index % 2 === 1);
    }
    this.#states.push({ value, rows: new Map(tables.map((table) => [table, table.rows])) });
  }

  /** The newest state that is true where tables are committed up to their stops. */
  before(stops: ReadonlyMap<TableWriter, Stop>): { readonly value: unknown } | undefined {
    return this.#states.findLast(({ rows }) =>
      [...stops].every(([table, stop]) => (rows.get(table) ?? 0) <= stop.rows),
    );
  }

  clear(): void {
    this.#states = [];
  }
}
