import { systemClock } from '@traffic-events/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { quote } from '../../connection/identifiers.ts';
import { PostgresConnection } from '../../connection/postgres-connection.ts';
import { createTestDatabase } from '../../testing/test-database.ts';
import type { TestDatabase } from '../../testing/test-database.ts';
import { statementBuilder } from '../warehouse-tables.ts';
import { createSchema, migrate, migrations } from './migrate.ts';

let database: TestDatabase;
let connection: PostgresConnection;

beforeAll(async () => {
  database = await createTestDatabase();
  connection = await PostgresConnection.open({ url: database.url });
});
afterAll(async () => {
  await connection.close();
  await database.drop();
});

const placeOf = (schema: string) => ({
  connection,
  schema,
  statements: statementBuilder(schema),
  clock: systemClock,
});

/** Everything that makes up the tables of a schema. */
async function shapeOf(schema: string): Promise<unknown> {
  return {
    columns: await database.query(
      `SELECT table_name, column_name, data_type, is_nullable, column_default
         FROM information_schema.columns WHERE table_schema = $1 ORDER BY 1, 2`,
      [schema],
    ),
    indexes: await database.query(
      `SELECT tablename, indexname, replace(indexdef, schemaname || '.', '') AS definition
         FROM pg_indexes WHERE schemaname = $1 ORDER BY 1, 2`,
      [schema],
    ),
    constraints: await database.query(
      `SELECT conname, pg_get_constraintdef(oid) AS definition FROM pg_constraint
        WHERE connamespace = $1::regnamespace ORDER BY 1`,
      [schema],
    ),
  };
}

test('migrations are numbered in their order', () => {
  expect(migrations.map(({ number }) => number)).toEqual(migrations.map((_, index) => index + 1));
});

test('a schema upgraded from any number equals a fresh one', async () => {
  await migrate(placeOf('fresh'));
  const fresh = await shapeOf('fresh');
  for (let done = 0; done < migrations.length; done += 1) {
    const schema = `upgraded_from_${done}`;
    await createSchema(placeOf(schema));
    await connection.execute(
      `CREATE TABLE ${quote(schema)}._traffic_events_migrations
         (number integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL)`,
    );
    for (const migration of migrations.slice(0, done)) {
      for (const statement of migration.statements(quote(schema))) {
        await connection.execute(statement);
      }
      await database.query(
        `INSERT INTO ${quote(schema)}._traffic_events_migrations VALUES ($1, $2, '2026-01-01Z')`,
        [migration.number, migration.name],
      );
    }
    await migrate(placeOf(schema));
    expect(await shapeOf(schema)).toEqual(fresh);
  }
});

test('loaders that start together migrate once', async () => {
  const schema = 'together';
  const connections = await Promise.all(
    Array.from({ length: 5 }, () => PostgresConnection.open({ url: database.url })),
  );
  await Promise.all(connections.map((own) => migrate({ ...placeOf(schema), connection: own })));
  await Promise.all(connections.map((own) => own.close()));
  const done = await database.query('SELECT number FROM together._traffic_events_migrations');
  expect(done).toHaveLength(migrations.length);
});
