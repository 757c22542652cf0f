import { sql } from 'kysely';
import type { Deletion, StreamTable, TableWriter } from '../../driver.ts';
import { DELETED_COLUMN, VERSION_COLUMN } from '../../tables/metadata-columns.ts';
import type { ColumnKind } from '../../tables/column-kind.ts';
import type { Fields, RecordFields } from '../../messages/record-fields.ts';
import type { Waiting } from '../../messages/waiting.ts';
import type { PreparedTable } from '../../tables/prepared-table.ts';
import { keyNames } from '../../tables/table-definition.ts';
import { quote } from '../connection/identifiers.ts';
import { fieldsOf, keyOf, rowOf } from './record-rows.ts';
import { RowBuffer } from './row-buffer.ts';

import type { PostgresSession } from '../postgres-session.ts';

const STAGE = 'traffic_events_stage';

/** Kinds whose values are written in one way only, so that equal keys have equal fields. */
const CANONICAL: ReadonlySet<ColumnKind> = new Set(['integer', 'text', 'date', 'boolean']);

/** Gathers the rows of one table that is loaded by key, or added to, until they are written. */
export class TableLoad implements TableWriter {
  readonly table: PreparedTable;
  readonly #session: PostgresSession;
  readonly #fields: RecordFields;
  readonly #waiting: Waiting;
  readonly #keyPlaces: readonly number[];
  /** In the order in which they came; undefined for one whose key has come again. */
  #rows: (string | undefined)[] = [];
  /** Where the last row of each key stands: it wins. */
  readonly #places = new Map<string, number>();
  #characters = 0;

  constructor(session: PostgresSession, { table, fields }: StreamTable, waiting: Waiting) {
    this.#session = session;
    this.table = table;
    this.#fields = fields;
    this.#waiting = waiting;
    this.#keyPlaces = table.definition.keyProperties.map((key) => fields.placeOf(key));
  }

  get rows(): number {
    return this.#rows.length;
  }

  add(fields: Fields): undefined {
    const row = rowOf(fields);
    const place = this.#rows.push(row) - 1;
    const replaced = this.#isKeyed ? this.#replace(keyOf(fields, this.#keyPlaces), place) : 0;
    this.#count(1, row.length - replaced);
  }

  async first(): Promise<Fields | undefined> {
    const [row] = this.#rows;
    return row === undefined ? undefined : fieldsOf(row);
  }

  /** Rows at [from, to), as a load of their own. */
  part(from: number, to: number): TableLoad {
    const stream = { table: this.table, fields: this.#fields };
    const part = new TableLoad(this.#session, stream, this.#waiting);
    part.#rows = this.#rows.slice(from, to);
    const characters = part.#rows.reduce((sum, row) => sum + (row?.length ?? 0), 0);
    part.#count(part.#rows.length, characters);
    return part;
  }

  async discard(): Promise<void> {
    this.clear();
  }

  /** Writes what has been gathered, inside the transaction that is open. */
  async write(): Promise<void> {
    if (this.#rows.every((row) => row === undefined)) return;
    if (this.#isKeyed) await this.#merge();
    else this.#tellLeftOut(await this.#copyInto(this.#target));
  }

  /** Lets go of what has been written, once it is committed. */
  clear(): void {
    this.#count(-this.#rows.length, -this.#characters);
    this.#rows = [];
    this.#places.clear();
  }

  /** Deletes, or marks as deleted, what older versions than `version` have left. */
  async activate(version: number, deletion: Deletion): Promise<void> {
    const { data, sliceOptions } = this.#session;
    const target = sql.raw(this.#target);
    const older = sql`(${sql.id(VERSION_COLUMN)} < ${version} OR ${sql.id(VERSION_COLUMN)} IS NULL)`;
    const query =
      deletion === 'hard'
        ? sql`DELETE FROM ${target} WHERE ${older}`
        : sql`UPDATE ${target} SET ${sql.id(DELETED_COLUMN)} = ${deletion.markedAt}
               WHERE ${older} AND ${sql.id(DELETED_COLUMN)} IS NULL`;
    await data.change(query.compile(sliceOptions.statements));
  }

  /** Puts the rows of this table in the place of all that `destination` has, inside the open transaction. */
  async replaceAllOf(destination: string): Promise<void> {
    const connection = this.#session.data;
    await connection.execute(`DELETE FROM ${destination}`);
    await connection.execute(
      `INSERT INTO ${destination} (${this.#columns}) SELECT ${this.#columns} FROM ${this.#target}`,
    );
    await connection.execute(`DROP TABLE ${this.#target}`);
  }

  /** Takes the row of a key that came before out. Answers its characters. */
  #replace(key: string, place: number): number {
    const before = this.#places.get(key);
    this.#places.set(key, place);
    if (before === undefined) return 0;
    const characters = this.#rows[before]?.length ?? 0;
    this.#rows[before] = undefined;
    return characters;
  }

  /** Also a row that is replaced counts, since its place stays. */
  #count(rows: number, characters: number): void {
    this.#characters += characters;
    this.#waiting.add(rows, characters);
  }

  get #isKeyed(): boolean {
    return this.table.definition.method === 'upsert';
  }

  get #target(): string {
    return this.#session.tables.qualified(this.table.definition);
  }

  get #columns(): string {
    return this.#fields.columns.map(quote).join(', ');
  }

  async #merge(): Promise<void> {
    const connection = this.#session.data;
    await connection.execute(
      `CREATE TEMP TABLE ${STAGE} ON COMMIT DROP AS SELECT ${this.#columns} FROM ${this.#target} WITH NO DATA`,
    );
    const { sent } = await this.#copyInto(STAGE);
    const { statements } = this.#session.sliceOptions;
    const taken = await connection.change(sql.raw(this.#mergeSql()).compile(statements));
    if (taken < sent && this.#others.length > 0) {
      this.#tellLeftOut({ taken, sent: this.#isCanonical ? sent : await this.#stagedKeys() });
    }
    await connection.execute(`DROP TABLE ${STAGE}`);
  }

  /** A trigger or a rule of somebody's table may let rows go, or write them elsewhere. */
  #tellLeftOut({ taken, sent }: { readonly taken: number; readonly sent: number }): void {
    if (taken >= sent) return;
    const { stream, table } = this.table.definition;
    this.#session.logger.warn({ stream, table, sent, taken }, 'rows.left_out');
  }

  /** How many rows of the stage have keys of their own. */
  async #stagedKeys(): Promise<number> {
    const { data, sliceOptions } = this.#session;
    const keys = sql.raw(`SELECT DISTINCT ${this.#keyList} FROM ${STAGE}`);
    const [counted] = await data.rows(
      sql<{ count: string }>`SELECT count(*) FROM (${keys}) AS keys`.compile(
        sliceOptions.statements,
      ),
    );
    return Number(counted?.count);
  }

  get #keys(): string[] {
    return keyNames(this.table.definition);
  }

  get #keyList(): string {
    return this.#keys.map(quote).join(', ');
  }

  /** Columns that a record changes in the row of its key. */
  get #others(): string[] {
    const keys = this.#keys;
    return this.#fields.columns.filter((name) => !keys.includes(name));
  }

  /** Whether equal keys have equal fields. */
  get #isCanonical(): boolean {
    return this.#keys.every((name) => CANONICAL.has(this.table.kinds.get(name) ?? 'json'));
  }

  #mergeSql(): string {
    const keyList = this.#keyList;
    const updates = this.#others.map((name) => `${quote(name)} = excluded.${quote(name)}`);
    const action = updates.length === 0 ? 'NOTHING' : `UPDATE SET ${updates.join(', ')}`;
    // Equal keys may be written in two ways (06:00Z and 07:00+01): the later of them wins here.
    const distinct = this.#isCanonical ? '' : `DISTINCT ON (${keyList})`;
    const order = this.#isCanonical ? '' : `ORDER BY ${keyList}, ctid DESC`;
    return `INSERT INTO ${this.#target} (${this.#columns})
            SELECT ${distinct} ${this.#columns} FROM ${STAGE} ${order}
            ON CONFLICT (${keyList}) DO ${action}`;
  }

  async #copyInto(table: string): Promise<{ taken: number; sent: number }> {
    const connection = this.#session.data;
    const copy = connection.copyIn(`COPY ${table} (${this.#columns}) FROM STDIN`);
    const buffer = new RowBuffer((bytes) => copy.write(bytes));
    let sent = 0;
    for (const row of this.#rows) {
      if (row === undefined) continue;
      sent += 1;
      if (buffer.add(row)) await buffer.flush();
    }
    await buffer.flush();
    return { taken: await copy.finish(), sent };
  }
}
