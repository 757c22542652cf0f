import { systemClock } from '@traffic-events/client';
import type { Clock } from '@traffic-events/client';
import { sql } from 'kysely';
import type { KnownColumns } from '../../views/view-dialect.ts';
import { warehouseViews } from '../../views/warehouse-views.ts';
import { lock, migrate } from '../tables/migrations/migrate.ts';
import { PostgresConnection } from '../connection/postgres-connection.ts';
import { DEFAULT_SCHEMA } from '../postgres-options.ts';
import type { PostgresPlace } from '../postgres-options.ts';
import { statementBuilder } from '../tables/warehouse-tables.ts';
import { createViewSql, postgresViews } from './postgres-views.ts';

export interface CreateViewsOptions extends PostgresPlace {
  /** ISO 4217 code by account_id: costs are shown in currency for these. */
  readonly currencies?: Readonly<Record<string, string>>;
  /** What the views tell the time by; the server's own unless it is a simulated one. */
  readonly clock?: Clock;
}

/** A table of slices, and its columns. */
interface TableColumn {
  readonly table: string;
  readonly column: string;
}

/**
 * Makes the views, or brings them up to date with the tables that exist now. Answers their
 * statements, in order; views of the user's own that build on them stay.
 */
export async function createViews(options: CreateViewsOptions): Promise<string[]> {
  const { schema = DEFAULT_SCHEMA, clock = systemClock } = options;
  const statements = statementBuilder(schema);
  const connection = await PostgresConnection.open(options.connection, {
    applicationName: 'traffic-events views',
  });
  const place = { connection, statements, schema };
  try {
    await migrate({ ...place, clock });
    return await connection.transaction(async () => {
      await lock(place);
      for (const currency of Object.entries(options.currencies ?? {})) {
        await connection.change(setCurrency(schema, ...currency).compile(statements));
      }
      const columns = await connection.rows(sliceColumns(schema).compile(statements));
      const views = warehouseViews(postgresViews(schema, clock), knownColumns(columns)).map(
        (view) => createViewSql(schema, view),
      );
      for (const view of views) await connection.execute(view);
      return views;
    });
  } finally {
    await connection.close();
  }
}

function setCurrency(schema: string, accountId: string, currency: string) {
  return sql`
    INSERT INTO ${sql.id(schema, 'account_currencies')} (account_id, currency)
    VALUES (${accountId}, ${currency})
    ON CONFLICT (account_id) DO UPDATE SET currency = excluded.currency`;
}

/** Tables of slices are the partitioned ones: nothing else of this schema is. */
function sliceColumns(schema: string) {
  return sql<TableColumn>`
    SELECT c.relname AS table, a.attname AS column
      FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE n.nspname = ${schema} AND c.relkind = 'p' AND a.attnum > 0 AND NOT a.attisdropped
     ORDER BY c.relname, a.attnum`;
}

function knownColumns(rows: readonly TableColumn[]): KnownColumns {
  const tables = Map.groupBy(rows, ({ table }) => table);
  return new Map(
    [...tables].map(([table, columns]) => [table, new Set(columns.map(({ column }) => column))]),
  );
}
