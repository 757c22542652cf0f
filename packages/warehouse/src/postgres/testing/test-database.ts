import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { typeParsers } from '../connection/type-parsers.ts';
import './vitest-setup.ts';

/** A database of a test file's own. */
export interface TestDatabase {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly name: string;
  /** Rows of a statement: int8 and numeric as text, dates as text. */
  query<Row extends object = Record<string, unknown>>(
    sql: string,
    values?: readonly unknown[],
  ): Promise<Row[]>;
  /** Closes what is open and drops the database. */
  drop(): Promise<void>;
}

/** Makes an empty database on the server that `vitest-setup.ts` runs. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = new URL(inject('embeddedPostgresUrl'));
  const name = `test_${randomBytes(6).toString('hex')}`;
  await administer(server.href, `CREATE DATABASE ${name}`);
  const url = new URL(server.href);
  url.pathname = `/${name}`;
  const client = new pg.Client({ connectionString: url.href, types: typeParsers() });
  await client.connect();
  return {
    url: url.href,
    host: url.hostname,
    port: Number(url.port),
    user: url.username,
    password: url.password,
    name,
    query: async <Row extends object>(sql: string, values: readonly unknown[] = []) =>
      (await client.query(sql, [...values])).rows as Row[],
    drop: async () => {
      await client.end();
      await administer(server.href, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

async function administer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql);
  await client.end();
}
