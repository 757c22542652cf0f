import type { Clock, Logger } from '@traffic-events/client';
import { RESERVED_COLUMNS } from '@traffic-events/slice';
import { sql } from 'kysely';
import { StreamSchemaError } from '../../errors.ts';
import type { ColumnKind } from '../../tables/column-kind.ts';
import { noteText, readNote } from '../../tables/held-table.ts';
import type { ColumnNote, HeldTable } from '../../tables/held-table.ts';
import type { MetadataColumn } from '../../tables/metadata-columns.ts';
import { prepareTable } from '../../tables/prepare-table.ts';
import type { TableStore } from '../../tables/prepare-table.ts';
import { descriptionOf } from '../../tables/description.ts';
import { isGuarded, wantedTable } from '../../tables/prepared-table.ts';
import type { PreparedTable } from '../../tables/prepared-table.ts';
import type { TableDefinition } from '../../tables/table-definition.ts';
import { qualified, quote, quoteLiteral } from '../connection/identifiers.ts';
import type { PostgresConnection } from '../connection/postgres-connection.ts';
import { COLUMN_TYPES, SQL_TYPES } from './column-types.ts';
import { comment } from './comments.ts';
import type { CommentPlace } from './comments.ts';
import { ensureKeyIndex } from './key-index.ts';
import { refreshViews, withoutViews } from '../views/make-views.ts';
import { createSchema, lock, migrate } from './migrations/migrate.ts';
import { enterDefinitions } from './enter-definitions.ts';
import { createTableSql, newColumns } from './table-sql.ts';
import type { StatementBuilder } from './warehouse-tables.ts';

export interface StreamTablesOptions {
  /** A connection apart from the one that loads: what is made here is visible at once. */
  readonly connection: PostgresConnection;
  readonly statements: StatementBuilder;
  readonly schema: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface FoundColumn {
  /** Null where there is none. */
  readonly name: string | null;
  readonly type: string;
  readonly note: string | null;
  readonly is_generated: boolean;
  readonly is_owned: boolean;
  readonly is_partitioned: boolean;
  readonly is_partition: boolean;
  readonly kind: string;
  readonly lacked_rights: readonly string[];
}

/** What is no table and keeps one from having its name, by pg_class.relkind. */
const OTHER_THINGS: ReadonlyMap<string, string> = new Map([
  ['v', 'a view'],
  ['m', 'a materialized view'],
  ['f', 'a foreign table'],
  ['S', 'a sequence'],
  ['i', 'an index'],
  ['I', 'an index'],
  ['c', 'a type'],
]);

/** Rights that neither the table nor one of its partitions, into which rows go, gives us. */
const lackedRights = sql`
  ARRAY(SELECT needed FROM unnest(ARRAY['SELECT', 'INSERT', 'DELETE']) needed
         WHERE NOT has_table_privilege(c.oid, needed)
           AND NOT EXISTS (SELECT 1 FROM pg_inherits
                            WHERE inhparent = c.oid AND has_table_privilege(inhrelid, needed)))`;

/** What is said of a stage, so that nothing else is ever dropped for one. */
const STAGE_NOTE = 'Rows of a load that replaces a table at its end';

/** Makes tables and columns before the transactions that need them. */
export class StreamTables implements TableStore {
  readonly columnTypes = COLUMN_TYPES;
  readonly #options: StreamTablesOptions;
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

  /** Makes the table of a stream, or what it lacks; widens where nothing can be lost. */
  async ensure(
    definition: TableDefinition,
    metadata: readonly MetadataColumn[] = [],
  ): Promise<PreparedTable> {
    if (isGuarded(definition)) await this.ensureBookkeeping();
    const table = wantedTable(definition, metadata);
    // The ledger's table comes from a migration, whatever a tap says of it.
    if (definition.method === 'ledger') return table;
    const place = { ...this.#options, schema: this.#schemaOf(definition) };
    return place.connection.transaction(async () => {
      await lock(place);
      await createSchema(place);
      const prepared = await prepareTable(this, table);
      if (definition.method === 'slices') await describe(place, prepared.definition);
      await enterDefinitions(place, definition.definitions);
      return prepared;
    });
  }

  /** The table of a stream, where its name asks for it unless it is guarded. */
  qualified(definition: TableDefinition): string {
    return qualified(this.#schemaOf(definition), definition.table);
  }

  /** Makes a table for rows that replace another's, in the place of what an earlier run has left. */
  async ensureStage(
    definition: TableDefinition,
    { isFirst, metadata }: { isFirst: boolean; metadata: readonly MetadataColumn[] },
  ): Promise<PreparedTable> {
    const { connection, statements } = this.#options;
    const stage = this.qualified(definition);
    if (isFirst) {
      const [found] = await connection.rows(
        sql<{ note: string | null }>`
          SELECT obj_description(to_regclass(${stage}), 'pg_class') AS note
           WHERE to_regclass(${stage}) IS NOT NULL`.compile(statements),
      );
      if (found !== undefined && found.note !== STAGE_NOTE) {
        throw new StreamSchemaError(
          definition.stream,
          `table ${stage} has the name of a table that the loader makes, but it did not make it. Rename or drop it.`,
        );
      }
      await connection.execute(`DROP TABLE IF EXISTS ${stage}`);
    }
    const table = await this.ensure(definition, metadata);
    await connection.execute(`COMMENT ON TABLE ${stage} IS ${quoteLiteral(STAGE_NOTE)}`);
    return table;
  }

  async find(definition: TableDefinition): Promise<HeldTable | undefined> {
    const { connection, statements } = this.#options;
    const found = await connection.rows(
      sql<FoundColumn>`
        SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
               col_description(c.oid, a.attnum) AS note,
               a.attgenerated <> '' OR a.attidentity = 'a' AS is_generated,
               pg_has_role(c.relowner, 'USAGE') AS is_owned,
               c.relkind = 'p' AS is_partitioned, c.relispartition AS is_partition,
               c.relkind AS kind, ${lackedRights} AS lacked_rights
          FROM pg_class c
          JOIN pg_namespace n ON n.oid = c.relnamespace
          LEFT JOIN pg_attribute a
            ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
         WHERE n.nspname = ${this.#schemaOf(definition)} AND c.relname = ${definition.table}
         ORDER BY a.attnum`.compile(statements),
    );
    const [first] = found;
    if (first === undefined) return undefined;
    const columns = found.flatMap(({ name, type, note, is_generated: isGenerated }) =>
      name === null ? [] : [{ name, type, note: readNote(note), isGenerated }],
    );
    const names = new Set(columns.map(({ name }) => name));
    const isReserved = RESERVED_COLUMNS.every((name) => names.has(name));
    return {
      columns,
      otherThing: OTHER_THINGS.get(first.kind),
      lackedRights: first.lacked_rights,
      isOwned: first.is_owned,
      isOfSlices: isReserved && (first.is_partitioned || first.is_partition),
      takesSlices: isReserved && first.is_partitioned && !first.is_partition,
    };
  }

  async create({ definition, metadata }: PreparedTable): Promise<boolean> {
    const columns = newColumns(definition, metadata);
    await this.#execute(createTableSql(this.#schemaOf(definition), definition, columns));
    await this.note(definition, madeNotes(definition));
    await this.ensureKey({ definition });
    return true;
  }

  async addColumns({ definition, metadata }: PreparedTable, names: ReadonlySet<string>) {
    const table = this.qualified(definition);
    const added = newColumns(definition, metadata).filter(({ name }) => names.has(name));
    await this.#execute(
      added.map(({ name, sqlType }) => `ALTER TABLE ${table} ADD COLUMN ${quote(name)} ${sqlType}`),
    );
    const notes = madeNotes(definition);
    await this.note(definition, new Map([...notes].filter(([name]) => names.has(name))));
  }

  async alterColumns(definition: TableDefinition, kinds: ReadonlyMap<string, ColumnKind>) {
    const place = { ...this.#options, schema: this.#schemaOf(definition) };
    const [table, columns] = [this.qualified(definition), [...kinds.keys()]];
    const statements = [...kinds].map(([name, kind]) => this.alterSql(definition, name, kind));
    const others = await withoutViews(place, { table, columns }, () => this.#execute(statements));
    if (others === undefined) return;
    throw new StreamSchemaError(
      definition.stream,
      `${columns.join(', ')} of table ${definition.table} cannot hold all values any more, and ${others} uses it, which this loader did not make. Drop that view or rule, run ${statements.join('; ')}, and make it again.`,
    );
  }

  refreshViews(table: string): Promise<void> {
    return refreshViews(this.#options, table, this.#options.logger);
  }

  alterSql(definition: TableDefinition, name: string, kind: ColumnKind): string {
    return `ALTER TABLE ${this.qualified(definition)} ALTER COLUMN ${quote(name)} TYPE ${SQL_TYPES[kind]}`;
  }

  async note(definition: TableDefinition, notes: ReadonlyMap<string, ColumnNote>): Promise<void> {
    const table = this.qualified(definition);
    const texts = [...notes].flatMap(([name, note]) => {
      const text = noteText(note);
      const column = `${table}.${quote(name)}`;
      return text === undefined ? [] : [`COMMENT ON COLUMN ${column} IS ${quoteLiteral(text)}`];
    });
    await this.#execute(texts);
  }

  ensureKey({ definition }: Pick<PreparedTable, 'definition'>): Promise<void> {
    return ensureKeyIndex(this.#options, this.#schemaOf(definition), definition);
  }

  /** Statements that need no parameters, by one request. */
  async #execute(statements: readonly string[]): Promise<void> {
    if (statements.length > 0) await this.#options.connection.execute(statements.join(';\n'));
  }

  #schemaOf(definition: TableDefinition): string {
    const { schema } = this.#options;
    return isGuarded(definition) ? schema : (definition.schema ?? schema);
  }
}

/** What the stream says of its table and its columns. */
function describe(
  place: CommentPlace,
  { table, description, columns }: TableDefinition,
): Promise<void> {
  const texts = new Map(columns.map(({ name, schema }) => [name, descriptionOf(schema)]));
  return comment(place, {
    kind: 'TABLE',
    name: table,
    words: description,
    columnWords: (name) => texts.get(name),
  });
}

/** Tables of slices and their columns are known by what they are. */
function madeNotes(definition: TableDefinition): Map<string, ColumnNote> {
  if (isGuarded(definition)) return new Map();
  return new Map(
    definition.columns.map(({ name, property }) => [name, { property, isMade: true }] as const),
  );
}
