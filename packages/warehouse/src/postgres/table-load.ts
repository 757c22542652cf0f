import type { RecordMessage } from '@traffic-events/singer';
import { sql } from 'kysely';
import { keyColumns } from './table-sql.ts';
import { qualified, quote } from './identifiers.ts';
import type { PostgresConnection } from './postgres-connection.ts';
import { RecordRows } from './record-rows.ts';
import { RowBuffer } from './row-buffer.ts';
import type { PreparedTable } from './stream-tables.ts';
import type { StatementBuilder } from './warehouse-tables.ts';

interface TableLoadOptions {
  readonly connection: PostgresConnection;
  readonly statements: StatementBuilder;
  readonly schema: string;
}

const STAGE = 'traffic_events_stage';

/** Gathers the records of a stream that is loaded by key, or added to, until they are written. */
export class TableLoad {
  readonly table: PreparedTable;
  readonly #options: TableLoadOptions;
  readonly #rows: RecordRows;
  /** By key where there is one: the last record of a key wins. */
  #pending = new Map<string | number, string>();
  #characters = 0;

  constructor(options: TableLoadOptions, table: PreparedTable) {
    this.#options = options;
    this.table = table;
    this.#rows = new RecordRows(table);
  }

  /** Characters that wait to be written. */
  get pendingCharacters(): number {
    return this.#characters;
  }

  get pendingRows(): number {
    return this.#pending.size;
  }

  add(record: RecordMessage['record']): void {
    const row = this.#rows.row(record);
    const key =
      this.table.definition.method === 'upsert' ? this.#rows.keyOf(record) : this.#pending.size;
    const replaced = this.#pending.get(key);
    // Deleted first, so that the order stays that of the last record of each key.
    if (replaced !== undefined) this.#pending.delete(key);
    this.#pending.set(key, row);
    this.#characters += row.length - (replaced?.length ?? 0);
  }

  /** Writes what has been gathered, inside the transaction that is open. */
  async write(): Promise<void> {
    if (this.#pending.size === 0) return;
    if (this.table.definition.method === 'upsert') await this.#merge();
    else await this.#copyInto(this.#target);
    this.#pending = new Map();
    this.#characters = 0;
  }

  get #target(): string {
    return qualified(this.#options.schema, this.table.definition.table);
  }

  get #columns(): string {
    return this.table.definition.columns.map(({ name }) => quote(name)).join(', ');
  }

  async #merge(): Promise<void> {
    const { connection, statements } = this.#options;
    const keys = keyColumns(this.table.definition);
    const others = this.table.definition.columns.filter(({ name }) => !keys.includes(name));
    const updates = others.map(({ name }) => `${quote(name)} = excluded.${quote(name)}`);
    const action = updates.length === 0 ? 'NOTHING' : `UPDATE SET ${updates.join(', ')}`;
    await connection.execute(
      `CREATE TEMP TABLE ${STAGE} ON COMMIT DROP AS SELECT ${this.#columns} FROM ${this.#target} WITH NO DATA`,
    );
    await this.#copyInto(STAGE);
    await connection.change(
      sql`${sql.raw(
        `INSERT INTO ${this.#target} (${this.#columns}) SELECT ${this.#columns} FROM ${STAGE}
         ON CONFLICT (${keys.map(quote).join(', ')}) DO ${action}`,
      )}`.compile(statements),
    );
    await connection.execute(`DROP TABLE ${STAGE}`);
  }

  async #copyInto(table: string): Promise<void> {
    const { connection } = this.#options;
    const copy = connection.copyIn(`COPY ${table} (${this.#columns}) FROM STDIN`);
    const buffer = new RowBuffer(copy);
    try {
      for (const row of this.#pending.values()) if (buffer.add(row)) await buffer.flush();
      await buffer.flush();
      await copy.finish();
    } catch (error) {
      throw connection.failure(error);
    }
  }
}
