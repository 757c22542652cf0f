import { createViews } from '@traffic-events/warehouse/postgres';
import { createTestDatabase } from '@traffic-events/warehouse/postgres/testing';
import type { TestDatabase } from '@traffic-events/warehouse/postgres/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { DOCUMENTED_VIEWS, rowsOf, section, viewColumns } from './tables-page.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  await createViews({ connection: { url: database.url } });
});
afterAll(() => database.drop());

async function columnsOf(relation: string): Promise<[string, string][]> {
  const columns = await database.query<{ name: string; type: string }>(
    `SELECT attname AS name, format_type(atttypid, NULL) AS type FROM pg_attribute
      WHERE attrelid = $1::regclass AND attnum > 0 ORDER BY attnum`,
    [`traffic_events.${relation}`],
  );
  return columns.map(({ name, type }) => [
    name,
    type.replace('timestamp with time zone', 'timestamptz'),
  ]);
}

test.each(DOCUMENTED_VIEWS)('%s has the columns that stand on the page', async (view) => {
  expect(await columnsOf(view)).toEqual(viewColumns(view));
});

test.each(['account_currencies', 'exchange_rates', 'definitions'])(
  '%s has the columns that stand on the page',
  async (table) => {
    const documented = rowsOf(section(`\`${table}\``)).map((cells) => cells.slice(0, 2));
    expect(await columnsOf(table)).toEqual(documented);
  },
);
