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

/** A schema as it was when there were only so many migrations. */
async function makeAsBefore(schema: string, done: number): Promise<void> {
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
}

test('a schema upgraded from any number equals a fresh one', async () => {
  await migrate(placeOf('fresh'));
  const fresh = await shapeOf('fresh');
  for (let done = 0; done < migrations.length; done += 1) {
    const schema = `upgraded_from_${done}`;
    await makeAsBefore(schema, done);
    await migrate(placeOf(schema));
    expect(await shapeOf(schema)).toEqual(fresh);
  }
});

/** A connection that is ended before a statement that `pattern` matches. */
function endedBefore(pattern: RegExp, own: PostgresConnection): PostgresConnection {
  return new Proxy(own, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return async (...args: unknown[]) => {
        if (pattern.test(String(args[0]))) {
          await database.query('SELECT pg_terminate_backend($1, 5000)', [target.backend?.pid]);
        }
        return value.apply(target, args) as unknown;
      };
    },
  });
}

/** How many migrations a schema has before leases are renamed. */
const WITH_FORMER_LEASES = 2;

test('an upgrade that is cut off leaves all as it was', async () => {
  const schema = 'cut_off';
  await makeAsBefore(schema, WITH_FORMER_LEASES);
  const before = await shapeOf(schema);
  const own = await PostgresConnection.open({ url: database.url });
  const cutOff = endedBefore(/RENAME CONSTRAINT/, own);
  await expect(migrate({ ...placeOf(schema), connection: cutOff })).rejects.toThrow(
    /terminat|connection/i,
  );
  expect(own.isLost).toBe(true);
  expect(await shapeOf(schema)).toEqual(before);
  await migrate(placeOf(schema));
  expect(await shapeOf(schema)).not.toEqual(before);
  await own.close();
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
