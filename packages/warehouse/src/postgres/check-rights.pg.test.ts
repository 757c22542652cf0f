import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkRights } from './check-rights.ts';
import { createTestDatabase } from './testing/test-database.ts';
import type { TestDatabase } from './testing/test-database.ts';

let database: TestDatabase;
let user: string;

beforeAll(async () => {
  database = await createTestDatabase();
  user = `loader_${database.name}`;
  await database.query(`CREATE ROLE ${user} LOGIN PASSWORD 'load'`);
});
afterAll(async () => {
  await database.query(`DROP OWNED BY ${user} CASCADE; DROP ROLE ${user}`);
  await database.drop();
});

const faults = () => checkRights({ connection: { url: database.url, user, password: 'load' } });

test('a user who cannot make the schema, or cannot change the tables of others, is told', async () => {
  expect(await faults()).toEqual([
    expect.stringMatching(/^Schema and tables cannot be made: .*permission denied for database/),
  ]);
  await database.query('CREATE SCHEMA traffic_events; CREATE TABLE traffic_events.dsp_views ()');
  await database.query(`GRANT CREATE, USAGE ON SCHEMA traffic_events TO ${user}`);
  expect(await faults()).toEqual([
    expect.stringMatching(
      new RegExp(`^1 tables and views of schema traffic_events belong to \\w+, and ${user} cannot`),
    ),
  ]);
  await database.query(`ALTER TABLE traffic_events.dsp_views OWNER TO ${user}`);
  expect(await faults()).toEqual([]);
});

test('one who may is told nothing, and nothing is left behind', async () => {
  expect(await checkRights({ connection: { url: database.url }, schema: 'another' })).toEqual([]);
  const [made] = await database.query("SELECT to_regnamespace('another') AS made");
  expect(made).toEqual({ made: null });
});
