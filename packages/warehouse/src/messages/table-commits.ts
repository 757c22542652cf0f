import type { LoadDriver, SliceWriter, TableWriter } from '../driver.ts';
import { DataRefusedError } from '../errors.ts';
import type { Fields } from './record-fields.ts';

interface TableCommitsOptions<Rows extends TableWriter> {
  readonly driver: LoadDriver<SliceWriter, Rows>;
  /** Puts a row away that the warehouse refuses. Answers the error that ends the load, if it does. */
  readonly putAway: (
    stream: string,
    fields: Fields,
    refusal: DataRefusedError,
  ) => Promise<Error | undefined>;
}

/** A row behind which nothing of its table is committed: how many came before it, and why. */
export interface Stop {
  readonly rows: number;
  readonly error: Error;
}

/** Commits rows of tables that are loaded by key, or added to. */
export class TableCommits<Rows extends TableWriter> {
  readonly #options: TableCommitsOptions<Rows>;

  constructor(options: TableCommitsOptions<Rows>) {
    this.#options = options;
  }

  /**
   * Commits what waits of tables, in one transaction. Where the warehouse refuses a row, it is found
   * by halving and put away, and all others are committed; where it cannot be put away, those before
   * it are. Answers where it had to stop.
   */
  async commit(tables: readonly Rows[]): Promise<ReadonlyMap<Rows, Stop>> {
    const stops = new Map<Rows, Stop>();
    const refusal = await this.#refusalOf(tables);
    if (refusal === undefined) return stops;
    for (const rows of tables) {
      const known = tables.length === 1 ? refusal : await this.#refusalOf([rows]);
      const stop = known && (await this.#halve(rows, 0, rows.rows, known));
      if (stop === undefined) await rows.discard();
      else stops.set(rows, stop);
    }
    return stops;
  }

  /** Commits rows [from, to) of a table, which are refused together, but for those at fault. */
  async #halve(
    rows: Rows,
    from: number,
    to: number,
    refusal: DataRefusedError,
  ): Promise<Stop | undefined> {
    if (to - from === 1) return this.#putAway(rows, from, refusal);
    const middle = from + Math.ceil((to - from) / 2);
    return (await this.#try(rows, from, middle)) ?? (await this.#try(rows, middle, to));
  }

  async #try(rows: Rows, from: number, to: number): Promise<Stop | undefined> {
    const part = await this.#options.driver.part(rows, from, to);
    const refusal = await this.#refusalOf([part]);
    await part.discard();
    return refusal && this.#halve(rows, from, to, refusal);
  }

  async #putAway(rows: Rows, before: number, refusal: DataRefusedError): Promise<Stop | undefined> {
    const part = await this.#options.driver.part(rows, before, before + 1);
    const fields = await part.first();
    await part.discard();
    if (fields === undefined) throw refusal;
    const error = await this.#options.putAway(rows.table.definition.stream, fields, refusal);
    return error && { rows: before, error };
  }

  /** Commits rows of tables. Answers why the warehouse cannot take them, where that is so. */
  async #refusalOf(tables: readonly Rows[]): Promise<DataRefusedError | undefined> {
    const filled = tables.filter(({ rows }) => rows > 0);
    if (filled.length === 0) return undefined;
    const nothing = { slices: [], ledger: [], changes: [], run: undefined };
    try {
      await this.#options.driver.commit({ ...nothing, tables: filled });
      return undefined;
    } catch (error) {
      if (error instanceof DataRefusedError) return error;
      throw error;
    }
  }
}
