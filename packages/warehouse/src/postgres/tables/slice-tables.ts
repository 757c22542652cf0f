import { sql } from 'kysely';
import type { KnownColumns } from '../../views/view-dialect.ts';
import type { PostgresConnection } from '../connection/postgres-connection.ts';
import type { StatementBuilder } from './warehouse-tables.ts';

interface TableColumn {
  readonly table: string;
  readonly column: string;
}

/** The tables of slices with their columns: the partitioned ones, which nothing else of a schema is. */
export async function sliceTables({
  connection,
  statements,
  schema,
}: {
  readonly connection: PostgresConnection;
  readonly statements: StatementBuilder;
  readonly schema: string;
}): Promise<KnownColumns> {
  const query = sql<TableColumn>`
    SELECT c.relname AS table, a.attname AS column
      FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE n.nspname = ${schema} AND c.relkind = 'p' AND a.attnum > 0 AND NOT a.attisdropped
     ORDER BY c.relname, a.attnum`;
  const rows = await connection.rows(query.compile(statements));
  const tables = Map.groupBy(rows, ({ table }) => table);
  return new Map(
    [...tables].map(([table, columns]) => [table, new Set(columns.map(({ column }) => column))]),
  );
}
