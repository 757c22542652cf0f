import type { Clock } from '@traffic-events/client';
import type { EventDate } from '@traffic-events/slice';
import { sql } from 'kysely';
import type { ColumnKind } from '../../tables/column-kind.ts';
import { fittingKind } from '../../tables/fitting-kind.ts';
import type { MetadataColumn } from '../../tables/metadata-columns.ts';
import { isGuarded, wantedTable } from '../../tables/prepared-table.ts';
import type { PreparedTable } from '../../tables/prepared-table.ts';
import type { TableDefinition } from '../../tables/table-definition.ts';
import { COLUMN_TYPES, SQL_TYPES } from './column-types.ts';
import { qualified, quote } from '../connection/identifiers.ts';
import { createSchema, lock, migrate } from './migrations/migrate.ts';
import type { PostgresConnection } from '../connection/postgres-connection.ts';
import {
  createTableSql,
  keyIndexSql,
  monthOf,
  newColumns,
  partitionName,
  partitionSql,
} from './table-sql.ts';
import type { StatementBuilder } from './warehouse-tables.ts';

interface StreamTablesOptions {
  /** A connection apart from the one that loads: what is made here is visible at once. */
  readonly connection: PostgresConnection;
  readonly statements: StatementBuilder;
  readonly schema: string;
  readonly clock: Clock;
}

interface ExistingColumn {
  readonly name: string;
  readonly sql_type: string;
}

/** Makes tables, columns and partitions before the transactions that need them. */
export class StreamTables {
  readonly #options: StreamTablesOptions;
  readonly #partitions = new Map<string, Set<EventDate>>();
  #isMigrated = false;

  constructor(options: StreamTablesOptions) {
    this.#options = options;
  }

  /** Makes the ledger and the other tables of slices, once. */
  async ensureBookkeeping(): Promise<void> {
    if (this.#isMigrated) return;
    await migrate(this.#options);
    this.#isMigrated = true;
  }

  /** Makes the table of a stream, or the columns that it lacks; widens where nothing can be lost. */
  async ensure(
    definition: TableDefinition,
    metadata: readonly MetadataColumn[] = [],
  ): Promise<PreparedTable> {
    if (isGuarded(definition)) await this.ensureBookkeeping();
    const table = wantedTable(definition, metadata);
    // The ledger's table comes from a migration, whatever a tap says of it.
    return definition.method === 'ledger' ? table : this.#make(table);
  }

  /** The table of a stream, where its name asks for it unless it is guarded. */
  qualified(definition: TableDefinition): string {
    return qualified(this.#schemaOf(definition), definition.table);
  }

  /** Drops a table that holds nothing but what a run that did not end has left. */
  async drop(definition: TableDefinition): Promise<void> {
    await this.#options.connection.execute(`DROP TABLE IF EXISTS ${this.qualified(definition)}`);
  }

  /** Makes the partition that holds `date`, standalone and then attached. */
  async ensurePartition(table: string, date: EventDate): Promise<void> {
    const known = this.#partitions.get(table) ?? new Set<EventDate>();
    this.#partitions.set(table, known);
    const month = monthOf(date).from;
    if (known.has(month)) return;
    const { connection, schema } = this.#options;
    if (!(await this.#hasPartition(table, date))) {
      await connection.transaction(async () => {
        await lock(this.#options);
        if (await this.#hasPartition(table, date)) return;
        for (const statement of partitionSql(schema, table, date)) {
          await connection.execute(statement);
        }
      });
    }
    known.add(month);
  }

  async #hasPartition(table: string, date: EventDate): Promise<boolean> {
    const columns = await this.#columnsOf(this.#options.schema, partitionName(table, date));
    return columns.size > 0;
  }

  #schemaOf(definition: TableDefinition): string {
    const { schema } = this.#options;
    return isGuarded(definition) ? schema : (definition.schema ?? schema);
  }

  #make(table: PreparedTable): Promise<PreparedTable> {
    const { connection, statements } = this.#options;
    const schema = this.#schemaOf(table.definition);
    const place = { connection, statements, schema };
    return connection.transaction(async () => {
      await lock(place);
      await createSchema(place);
      const existing = await this.#columnsOf(schema, table.definition.table);
      if (existing.size > 0) return this.#adapt(table, existing);
      const columns = newColumns(table.definition, table.metadata);
      for (const statement of createTableSql(schema, table.definition, columns)) {
        await connection.execute(statement);
      }
      return table;
    });
  }

  async #adapt(
    table: PreparedTable,
    existing: ReadonlyMap<string, string>,
  ): Promise<PreparedTable> {
    const { connection } = this.#options;
    const { definition, metadata } = table;
    const target = this.qualified(definition);
    for (const { name, sqlType } of newColumns(definition, metadata)) {
      if (existing.has(name)) continue;
      await connection.execute(
        `ALTER TABLE ${target} ADD COLUMN IF NOT EXISTS ${quote(name)} ${sqlType}`,
      );
    }
    const kinds = new Map<string, ColumnKind>();
    for (const column of definition.columns) {
      const { name } = column;
      const fitting = fittingKind(definition, column, existing.get(name), COLUMN_TYPES);
      if (fitting.alterTo !== undefined) {
        await connection.execute(
          `ALTER TABLE ${target} ALTER COLUMN ${quote(name)} TYPE ${SQL_TYPES[fitting.alterTo]}`,
        );
      }
      kinds.set(name, fitting.kind);
    }
    for (const statement of keyIndexSql(this.#schemaOf(definition), definition))
      await connection.execute(statement);
    return { ...table, kinds };
  }

  async #columnsOf(schema: string, table: string): Promise<Map<string, string>> {
    const { connection, statements } = this.#options;
    const columns = await connection.rows<ExistingColumn>(
      sql<ExistingColumn>`
        SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS sql_type
          FROM pg_attribute a
          JOIN pg_class c ON c.oid = a.attrelid
          JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = ${schema} AND c.relname = ${table} AND c.relkind IN ('r', 'p')
           AND a.attnum > 0 AND NOT a.attisdropped`.compile(statements),
    );
    return new Map(columns.map(({ name, sql_type }) => [name, sql_type]));
  }
}
