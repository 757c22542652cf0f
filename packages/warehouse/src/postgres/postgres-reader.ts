import { systemClock } from '@traffic-events/client';
import { sql } from 'kysely';
import type { WarehouseReader } from '../audit/warehouse-reader.ts';
import { PostgresConnection } from './connection/postgres-connection.ts';
import { qualified } from './connection/identifiers.ts';
import { DEFAULT_SCHEMA } from './postgres-options.ts';
import type { PostgresPlace } from './postgres-options.ts';
import { sliceTables } from './tables/slice-tables.ts';
import type { ViewNotes } from '../views/view-note.ts';
import { statementBuilder } from './tables/warehouse-tables.ts';
import { postgresViews } from './views/postgres-views.ts';

/** Reads over a connection of its own. */
export async function postgresReader(options: PostgresPlace): Promise<WarehouseReader> {
  const schema = options.schema ?? DEFAULT_SCHEMA;
  const statements = statementBuilder(schema);
  const connection = await PostgresConnection.open(options.connection, {
    applicationName: 'traffic-events audit',
  });
  const inTurn = takingTurns();
  const viewNotes = async (): Promise<ViewNotes> => {
    const views = await connection.rows(
      sql<{ name: string; note: string }>`
        SELECT relname AS name, coalesce(obj_description(c.oid, 'pg_class'), '') AS note
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind = 'v' AND n.nspname = ${schema}`.compile(statements),
    );
    return new Map(views.map(({ name, note }) => [name, note]));
  };
  return {
    dialect: postgresViews(schema, systemClock),
    jsonText: (column) => `CAST(${column} AS text)`,
    hasTable: async (name) => {
      const table = qualified(schema, name);
      const [found] = await connection.rows(
        sql<{ exists: boolean }>`SELECT to_regclass(${table}) IS NOT NULL AS exists`.compile(
          statements,
        ),
      );
      return found?.exists === true;
    },
    viewNotes,
    sliceTables: () => sliceTables({ connection, statements, schema }),
    views: async () => [...(await viewNotes()).keys()].toSorted(),
    rows: <Row extends object>(text: string) =>
      inTurn(() => connection.rows<Row>(sql.raw<Row>(text).compile(statements))),
    close: () => connection.close(),
  };
}

/** A connection runs one statement at a time; what is asked together comes one after the other. */
function takingTurns(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work, work);
    last = result.catch(() => {});
    return result;
  };
}
