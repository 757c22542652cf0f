import type { RecordMessage } from '@traffic-events/singer';
import { MessageOrderError } from '../errors.ts';
import type { PostgresConnection } from './postgres-connection.ts';
import type { PreparedTable } from './stream-tables.ts';
import { TableLoad } from './table-load.ts';
import type { StatementBuilder } from './warehouse-tables.ts';

interface TableLoadsOptions {
  readonly connection: PostgresConnection;
  readonly statements: StatementBuilder;
  readonly schema: string;
}

const MAX_PENDING_CHARACTERS = 16 * 1024 * 1024;
const MAX_PENDING_ROWS = 50_000;

/** The streams that are neither slices nor the ledger, and what waits of them. */
export class TableLoads {
  readonly #options: TableLoadsOptions;
  readonly #loads = new Map<string, TableLoad>();

  constructor(options: TableLoadsOptions) {
    this.#options = options;
  }

  describe(table: PreparedTable): void {
    this.#loads.set(table.definition.stream, new TableLoad(this.#options, table));
  }

  add(stream: string, record: RecordMessage['record']): void {
    const load = this.#loads.get(stream);
    if (load === undefined) {
      throw new MessageOrderError(`A record of stream ${stream} came before its SCHEMA.`);
    }
    load.add(record);
  }

  /** Whether enough waits to be worth writing. */
  get isDrainDue(): boolean {
    let characters = 0;
    let rows = 0;
    for (const load of this.#loads.values()) {
      characters += load.pendingCharacters;
      rows += load.pendingRows;
    }
    return characters > MAX_PENDING_CHARACTERS || rows > MAX_PENDING_ROWS;
  }

  /** Commits what waits of one stream, as its shape is about to change. */
  async write(stream: string): Promise<void> {
    const load = this.#loads.get(stream);
    if (load === undefined || load.pendingRows === 0) return;
    await this.#options.connection.transaction(() => load.write());
  }

  /** Commits what waits of all streams, in one transaction. */
  async writeAll(): Promise<void> {
    const waiting = [...this.#loads.values()].filter((load) => load.pendingRows > 0);
    if (waiting.length === 0) return;
    await this.#options.connection.transaction(async () => {
      for (const load of waiting) await load.write();
    });
  }
}
