import type { Clock } from '@traffic-events/client';
import { sql } from 'kysely';
import { NewerWarehouseError, StatementError, TakenNameError } from '../../../errors.ts';
import { quote } from '../../connection/identifiers.ts';
import type { PostgresConnection } from '../../connection/postgres-connection.ts';
import type { StatementBuilder } from '../warehouse-tables.ts';
import { bookkeeping } from './0001-bookkeeping.ts';
import { accountCurrency } from './0002-account-currency.ts';
import { leases } from './0003-leases.ts';
import { exchangeRates } from './0004-exchange-rates.ts';
import { definitions } from './0005-definitions.ts';
import { comments } from './0006-comments.ts';
import type { Migration } from './migration.ts';

const DUPLICATE_TABLE = '42P07';

/** In order; only ever added to. */
export const migrations: readonly Migration[] = [
  bookkeeping,
  accountCurrency,
  leases,
  exchangeRates,
  definitions,
  comments,
];

interface MigrateOptions {
  readonly connection: PostgresConnection;
  readonly statements: StatementBuilder;
  readonly schema: string;
  readonly clock: Clock;
}

/** Brings the bookkeeping of a schema up to date. Loaders that start together take turns. */
export async function migrate(options: MigrateOptions): Promise<void> {
  const { connection, statements, schema, clock } = options;
  if (await isUpToDate(options)) return;
  await connection.transaction(async () => {
    await lock(options);
    await createSchema(options);
    await connection.execute(
      `CREATE TABLE IF NOT EXISTS ${quote(schema)}._traffic_events_migrations
         (number integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL)`,
    );
    const done = await connection.rows(
      statements.selectFrom('_traffic_events_migrations').select('number').compile(),
    );
    const numbers = new Set(done.map((row) => row.number));
    for (const migration of migrations.filter(({ number }) => !numbers.has(number))) {
      await apply(options, migration);
      await connection.change(
        statements
          .insertInto('_traffic_events_migrations')
          .values({
            number: migration.number,
            name: migration.name,
            applied_at: new Date(clock.now()),
          })
          .compile(),
      );
    }
  });
}

async function apply({ connection, schema }: MigrateOptions, migration: Migration) {
  try {
    for (const statement of migration.statements(quote(schema)))
      await connection.execute(statement);
  } catch (error) {
    const isTaken = error instanceof StatementError && error.sqlState === DUPLICATE_TABLE;
    throw isTaken ? new TakenNameError(`Schema ${schema}`, error.message) : error;
  }
}

/** Looked at without waiting for anyone: mostly there is nothing to do. */
async function isUpToDate({ connection, statements, schema }: MigrateOptions): Promise<boolean> {
  const table = `${quote(schema)}._traffic_events_migrations`;
  const [found] = await connection.rows(
    sql<{ exists: boolean }>`SELECT to_regclass(${table}) IS NOT NULL AS exists`.compile(
      statements,
    ),
  );
  if (found?.exists !== true) return false;
  const done = await connection.rows(
    statements.selectFrom('_traffic_events_migrations').select('number').compile(),
  );
  const numbers = new Set(done.map((row) => row.number));
  refuseNewer(Math.max(0, ...numbers));
  return migrations.every(({ number }) => numbers.has(number));
}

/** Before anything is written: what a later version has made of the tables is not known here. */
function refuseNewer(found: number): void {
  if (found > migrations.length) throw new NewerWarehouseError(found, migrations.length);
}

/** Waits for others that create things in the same schema; given back at the transaction's end. */
export async function lock({
  connection,
  statements,
  schema,
}: Pick<MigrateOptions, 'connection' | 'statements' | 'schema'>): Promise<void> {
  const key = `traffic-events:${schema}`;
  await connection.rows(
    sql`SELECT pg_advisory_xact_lock(hashtextextended(${key}, 0))`.compile(statements),
  );
}

/** CREATE SCHEMA IF NOT EXISTS asks for the right to create even where the schema exists. */
export async function createSchema({
  connection,
  statements,
  schema,
}: Pick<MigrateOptions, 'connection' | 'statements' | 'schema'>): Promise<void> {
  const found = await connection.rows(
    sql`SELECT 1 FROM pg_namespace WHERE nspname = ${schema}`.compile(statements),
  );
  if (found.length === 0) await connection.execute(`CREATE SCHEMA ${quote(schema)}`);
}
