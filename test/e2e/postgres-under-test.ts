import { createTestDatabase } from '@traffic-events/warehouse/postgres/testing';
import type { TestDatabase } from '@traffic-events/warehouse/postgres/testing';
import { STREAMS } from './streams.ts';
import type { WarehouseKind, WarehouseUnderTest } from './warehouse-kind.ts';

const SCHEMA = 'traffic_events';

export type PostgresUnderTest = WarehouseUnderTest & TestDatabase;

/** A database of its own; tables need no schema in its queries. */
export async function openPostgres(): Promise<PostgresUnderTest> {
  const database = await createTestDatabase();
  await database.query(`SET search_path TO ${SCHEMA}`);
  return {
    ...database,
    target: {
      program: 'target-postgres',
      config: { url: database.url, default_target_schema: SCHEMA },
    },
    textType: 'TEXT',
    nameOf: (table) => `${SCHEMA}.${table}`,
    contentSql: (table, without) =>
      `SELECT (to_jsonb(t) - '{${without.join()}}'::text[])::text AS content FROM ${SCHEMA}.${table} AS t`,
    tables: async () => {
      const rows = await database.query<{ name: string }>(
        `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = '${SCHEMA}'`,
      );
      return rows.map(({ name }) => name);
    },
  };
}

export const postgres: WarehouseKind = {
  project: 'test',
  isHere: () => true,
  openEmpty: openPostgres,
  streams: STREAMS,
  days: 3,
  crash: { pipedLines: 140, loggedLines: 55, commitMs: 100 },
};
