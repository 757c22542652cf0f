import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { StatementError } from '../errors.ts';
import { quote } from './connection/identifiers.ts';
import { PostgresConnection } from './connection/postgres-connection.ts';
import { DEFAULT_SCHEMA } from './postgres-options.ts';
import type { PostgresPlace } from './postgres-options.ts';
import { statementBuilder } from './tables/warehouse-tables.ts';

/** What the user lacks to load, in words; tried for real, and rolled back. */
export async function checkRights(place: PostgresPlace): Promise<string[]> {
  const { schema = DEFAULT_SCHEMA } = place;
  const connection = await PostgresConnection.open(place.connection, {
    applicationName: 'traffic-events check',
  });
  try {
    return [
      ...(await makingFault(connection, schema)),
      ...(await foreignTables(connection, schema)),
    ];
  } finally {
    await connection.close();
  }
}

async function makingFault(connection: PostgresConnection, schema: string): Promise<string[]> {
  const name = quote(schema);
  const table = quote(`_traffic_events_check_${randomBytes(4).toString('hex')}`);
  // Also where the schema is there, IF NOT EXISTS asks for the right to make it.
  const isThere = await hasSchema(connection, schema);
  await connection.execute('BEGIN');
  try {
    if (!isThere) await connection.execute(`CREATE SCHEMA ${name}`);
    await connection.execute(`CREATE TABLE ${name}.${table} (n integer)`);
    return [];
  } catch (error) {
    if (!(error instanceof StatementError)) throw error;
    return [
      `Schema and tables cannot be made: ${error.message}. The owner of the database may say: GRANT CREATE ON DATABASE …, or run what \`traffic-events views --grants\` prints.`,
    ];
  } finally {
    await connection.rollback();
  }
}

async function hasSchema(connection: PostgresConnection, schema: string): Promise<boolean> {
  const found = await connection.rows(
    sql`SELECT 1 FROM pg_namespace WHERE nspname = ${schema}`.compile(statementBuilder(schema)),
  );
  return found.length > 0;
}

/** Tables of others in the schema: columns and partitions can be added by their owners alone. */
async function foreignTables(connection: PostgresConnection, schema: string): Promise<string[]> {
  const [found] = await connection.rows(
    sql<{ tables: number; owners: string | null; user: string }>`
      SELECT count(*)::int AS tables, string_agg(DISTINCT pg_get_userbyid(relowner), ', ') AS owners,
             current_user AS "user"
        FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
       WHERE nspname = ${schema} AND relkind IN ('r', 'p', 'v') AND NOT pg_has_role(relowner, 'USAGE')`.compile(
      statementBuilder(schema),
    ),
  );
  if (found === undefined || found.tables === 0) return [];
  const { tables, owners, user } = found;
  return [
    `${tables} tables and views of schema ${schema} belong to ${owners}, and ${user} cannot change them. Load as their owner, or say: GRANT ${owners} TO ${user}.`,
  ];
}
