import type { DrainLimits } from '../../messages/load-rules.ts';
import type { PreparedTable } from '../tables/stream-tables.ts';
import { TableLoad } from './table-load.ts';
import type { TableLoadOptions } from './table-load.ts';

interface TableLoadsOptions extends TableLoadOptions {
  readonly limits: DrainLimits;
  /** Frees the connection from a slice that is open on it. */
  readonly makeWay: () => Promise<void>;
}

/** The streams that are neither slices nor the ledger, and what waits of them. */
export class TableLoads {
  readonly #options: TableLoadsOptions;
  readonly #loads = new Map<string, TableLoad>();
  /** Tables that are replaced as a whole once everything has arrived, by stream. */
  readonly #replaced = new Map<string, PreparedTable>();
  #waitingCharacters = 0;
  #waitingRows = 0;

  constructor(options: TableLoadsOptions) {
    this.#options = options;
  }

  /** Takes a table for a stream's rows. `replaces` is what they replace as a whole at the end. */
  describe(load: TableLoad, replaces?: PreparedTable): void {
    const { stream } = load.table.definition;
    this.#loads.set(stream, load);
    if (replaces !== undefined) this.#replaced.set(stream, replaces);
  }

  get(stream: string): TableLoad | undefined {
    return this.#loads.get(stream);
  }

  /** Whether states have to wait for the end, because a table is replaced only then. */
  get isHeldToEnd(): boolean {
    return this.#replaced.size > 0;
  }

  /** To be called after rows were added: whether enough waits to be worth writing. */
  noteAdded(rows: number, characters: number): boolean {
    this.#waitingRows += rows;
    this.#waitingCharacters += characters;
    const { maxRows, maxBytes } = this.#options.limits;
    return this.#waitingRows >= maxRows || this.#waitingCharacters >= maxBytes;
  }

  /** Commits what waits of one stream, as its shape is about to change; then runs `also`. */
  async write(stream: string, also?: (load: TableLoad) => Promise<void>): Promise<void> {
    const load = this.#loads.get(stream);
    if (load === undefined || (load.pendingRows === 0 && also === undefined)) return;
    await this.#commit([load], () => also?.(load));
  }

  /** Commits what waits of all streams, in one transaction. */
  async writeAll(): Promise<void> {
    this.#waitingRows = 0;
    this.#waitingCharacters = 0;
    const waiting = [...this.#loads.values()].filter((load) => load.pendingRows > 0);
    if (waiting.length > 0) await this.#commit(waiting);
  }

  /** Commits what waits, and puts replaced tables in their places, all of them at once. */
  async finish(): Promise<void> {
    await this.writeAll();
    if (this.#replaced.size === 0) return;
    const { session } = this.#options;
    for (const table of this.#replaced.values()) {
      await session.redo(() => session.tables.ensure(table.definition, table.metadata));
    }
    await this.#commit([], async () => {
      for (const [stream, table] of this.#replaced) {
        await this.#loads.get(stream)?.replaceAllOf(table);
      }
    });
    this.#replaced.clear();
  }

  async #commit(
    loads: readonly TableLoad[],
    also?: () => Promise<void> | undefined,
  ): Promise<void> {
    const { session, makeWay } = this.#options;
    await makeWay();
    await session.redo(() =>
      session.data.transaction(async () => {
        for (const load of loads) await load.write();
        await also?.();
      }),
    );
    for (const load of loads) load.clear();
  }
}
