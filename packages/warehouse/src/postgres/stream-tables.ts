import type { Clock } from '@traffic-events/client';
import type { EventDate } from '@traffic-events/slice';
import { sql } from 'kysely';
import { widened } from '../column-kind.ts';
import type { ColumnKind } from '../column-kind.ts';
import { StreamSchemaError } from '../errors.ts';
import type { StreamDefinition } from '../stream-definition.ts';
import { kindOfSqlType, SQL_TYPES } from './column-types.ts';
import { qualified, quote } from './identifiers.ts';
import { createSchema, lock, migrate } from './migrations/migrate.ts';
import type { PostgresConnection } from './postgres-connection.ts';
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

/** A stream's definition with the kinds that its columns really have, by column name. */
export interface PreparedTable {
  readonly definition: StreamDefinition;
  readonly kinds: ReadonlyMap<string, ColumnKind>;
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
  async ensure(definition: StreamDefinition): Promise<PreparedTable> {
    const { connection } = this.#options;
    const kinds = new Map(definition.columns.map(({ name, kind }) => [name, kind]));
    if (definition.method === 'slices') await this.ensureBookkeeping();
    if (definition.method === 'ledger') {
      // Its table comes from a migration, whatever a tap says of it.
      await this.ensureBookkeeping();
      return { definition, kinds };
    }
    return connection.transaction(async () => {
      await lock(this.#options);
      await createSchema(this.#options);
      const existing = await this.#columnsOf(definition.table);
      if (existing.size === 0) return this.#create(definition);
      return this.#adapt(definition, existing);
    });
  }

  /** Makes the partition that holds `date`, standalone and then attached. */
  async ensurePartition(table: string, date: EventDate): Promise<void> {
    const known = this.#partitions.get(table) ?? new Set<EventDate>();
    this.#partitions.set(table, known);
    const month = monthOf(date).from;
    if (known.has(month)) return;
    const { connection, schema } = this.#options;
    await connection.transaction(async () => {
      await lock(this.#options);
      const columns = await this.#columnsOf(partitionName(table, date));
      if (columns.size > 0) return;
      for (const statement of partitionSql(schema, table, date))
        await connection.execute(statement);
    });
    known.add(month);
  }

  async #create(definition: StreamDefinition): Promise<PreparedTable> {
    const { connection, schema } = this.#options;
    const columns = newColumns(definition);
    for (const statement of createTableSql(schema, definition, columns)) {
      await connection.execute(statement);
    }
    return { definition, kinds: new Map(definition.columns.map(({ name, kind }) => [name, kind])) };
  }

  async #adapt(
    definition: StreamDefinition,
    existing: ReadonlyMap<string, string>,
  ): Promise<PreparedTable> {
    const { connection, schema } = this.#options;
    const table = qualified(schema, definition.table);
    const kinds = new Map<string, ColumnKind>();
    for (const column of newColumns(definition)) {
      if (existing.has(column.name)) continue;
      await connection.execute(
        `ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS ${quote(column.name)} ${column.sqlType}`,
      );
    }
    for (const { name, kind } of definition.columns) {
      const fitting = fittingKind(definition, name, kind, existing.get(name));
      if (fitting.alterTo !== undefined) {
        await connection.execute(
          `ALTER TABLE ${table} ALTER COLUMN ${quote(name)} TYPE ${SQL_TYPES[fitting.alterTo]}`,
        );
      }
      kinds.set(name, fitting.kind);
    }
    for (const statement of keyIndexSql(schema, definition)) await connection.execute(statement);
    return { definition, kinds };
  }

  async #columnsOf(table: string): Promise<Map<string, string>> {
    const { connection, statements, schema } = this.#options;
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

interface FittingKind {
  readonly kind: ColumnKind;
  readonly alterTo?: ColumnKind;
}

/** What a column that exists has to become, so that it holds both its old values and the new ones. */
function fittingKind(
  { stream, table }: StreamDefinition,
  column: string,
  wanted: ColumnKind,
  sqlType: string | undefined,
): FittingKind {
  if (sqlType === undefined) return { kind: wanted };
  const has = kindOfSqlType(sqlType);
  const wide = has === undefined ? undefined : widened(has, wanted);
  if (has !== undefined && wide === has) return { kind: has };
  if (wide !== undefined) return { kind: wide, alterTo: wide };
  throw new StreamSchemaError(
    stream,
    `column ${column} of table ${table} is ${sqlType}, but its property is now ${SQL_TYPES[wanted]}, and no type holds both. Rename the property, load into another schema, or alter the column yourself.`,
  );
}
