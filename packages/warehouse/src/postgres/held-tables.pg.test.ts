import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@traffic-events/client';
import type { StreamDescription } from '@traffic-events/slice';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LoadRules } from '../messages/load-rules.ts';
import { ACCOUNT, CLICKS, partitionChange, RUN, sliceResult } from '../testing/slice-fixtures.ts';
import { PostgresSink } from './postgres-sink.ts';
import { loadLines } from './testing/load-lines.ts';
import { createTestDatabase } from './testing/test-database.ts';
import type { TestDatabase } from './testing/test-database.ts';
import { createViews } from './views/create-views.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(() => database.query('DROP SCHEMA IF EXISTS traffic_events CASCADE'));

const ID = { type: 'integer' };
const schema = (properties: object, keys: readonly string[] = ['id']) =>
  JSON.stringify({ type: 'SCHEMA', stream: 's', schema: { properties }, key_properties: keys });
const record = (values: object) => JSON.stringify({ type: 'RECORD', stream: 's', record: values });
const versioned = (id: number, version: number) =>
  JSON.stringify({ type: 'RECORD', stream: 's', record: { id }, version });
const load = (lines: readonly string[], rules: Partial<LoadRules> = {}) =>
  loadLines(lines, { connection: { url: database.url }, rules });
const succeed = async (lines: readonly string[], rules: Partial<LoadRules> = {}) =>
  expect((await load(lines, rules)).failure).toBeUndefined();

const slice = (eventDate: string, executionId: string) =>
  [
    sliceResult({ eventDate, executionId, rows: [['a', '1', '4', 'false']] }),
    partitionChange({}),
  ] as const;
const rows = () =>
  database.query('SELECT execution_id FROM traffic_events.dsp_clicks ORDER BY event_date');

const indexes = () =>
  database.query("SELECT indexdef FROM pg_indexes WHERE schemaname = 'traffic_events'");

const comments = (table: string) =>
  database.query(`SELECT xmin::text, objsubid, description FROM pg_description
                   WHERE objoid = 'traffic_events.${table}'::regclass ORDER BY objsubid`);

/** As the stream is described, but for the type of a property. */
const withType = (stream: string, property: string, type: string) => ({
  ...CLICKS,
  stream,
  schema: {
    ...CLICKS.schema,
    properties: {
      ...(CLICKS.schema['properties'] as object),
      [property]: { type: ['null', type] },
    },
  },
});
const wide = (stream: string) => withType(stream, 'clicks', 'number');
const worded = (stream: string) => withType(stream, 'campaign_id', 'string');

const opened = async (streams: readonly StreamDescription[]) => {
  const sink = new PostgresSink({ connection: { url: database.url } });
  const refused = await sink.open(RUN, streams, [ACCOUNT]);
  return { sink, refused };
};
const open = async (streams: readonly StreamDescription[]) => (await opened(streams)).sink;

describe('a month whose partition somebody has detached', () => {
  test('takes no slice, by name, and other months do', async () => {
    const sink = new PostgresSink({ connection: { url: database.url } });
    await sink.open(RUN, [CLICKS], [ACCOUNT]);
    await sink.slice(...slice('2026-01-05', 'a'));
    const partition = 'traffic_events.dsp_clicks_p2026_01';
    await database.query(`ALTER TABLE traffic_events.dsp_clicks DETACH PARTITION ${partition}`);
    expect(await sink.slice(...slice('2026-01-06', 'b'))).toEqual({
      kind: 'refused',
      reason: expect.stringContaining(
        'Stream dsp_clicks: "traffic_events"."dsp_clicks_p2026_01" is there, but is no partition of "traffic_events"."dsp_clicks"',
      ),
    });
    await sink.slice(...slice('2026-02-05', 'c'));
    expect(await rows()).toEqual([{ execution_id: 'c' }]);
    await database.query(
      `ALTER TABLE traffic_events.dsp_clicks ATTACH PARTITION ${partition} FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')`,
    );
    await sink.slice(...slice('2026-01-06', 'b'));
    await sink.close();
    expect(await rows()).toHaveLength(3);
  });
});

const made = async (columns: string) => {
  await database.query('CREATE SCHEMA traffic_events');
  await database.query(`CREATE TABLE traffic_events.s (${columns})`);
};

describe("somebody's table", () => {
  const AT = { type: 'string', format: 'date-time' };
  const WORD = { type: 'string' };

  test.each([
    ['timestamp(3) with time zone', AT, '2026-01-31T06:00:00.500Z', '2026-01-31T06:00:00.0005Z'],
    ['timestamp without time zone', AT, '2026-01-31T06:00:00+00:00', '2026-01-31T06:00:00+02:00'],
    ['timestamp(0) without time zone', AT, '2026-01-31T06:00:00Z', '2026-01-31T06:00:00.5Z'],
    ['character(3)', WORD, 'ab', 'a  '],
    ['character(3)', WORD, 'abc', 'abcd'],
  ])(
    'with a column %s takes the values that it holds, and no others',
    async (type, of, good, bad) => {
      await made(`id bigint, v ${type}`);
      const described = schema({ id: ID, v: of }, []);
      await succeed([described, record({ id: 1, v: good })]);
      const { failure } = await load([described, record({ id: 2, v: bad })]);
      expect(String(failure)).toContain(
        `property v is ${JSON.stringify(bad)}, which column v, ${type}, does not hold as it is.`,
      );
      const [row] = await database.query('SELECT v::text FROM traffic_events.s');
      expect(row).toEqual({ v: expect.stringMatching(/^(?:2026-01-31 06:00:00|abc?$)/) as string });
    },
  );

  test('whose key is DEFERRABLE refuses the stream, and stays as it is', async () => {
    await made('id bigint PRIMARY KEY DEFERRABLE, v text');
    const { failure } = await load([schema({ id: ID, v: WORD }), record({ id: 1, v: 'a' })]);
    expect(String(failure)).toContain(
      'Stream s: constraint s_pkey of table s over its key is DEFERRABLE, and rows cannot be replaced by such a key.',
    );
    expect(await indexes()).toHaveLength(1);
  });

  test.each([
    ['id', 'which rows are told by'],
    ['', 'into which rows are added'],
  ])('that lets rows go is told of, with how many it took (key %j, %s)', async (key) => {
    await made('id bigint, v text');
    await database.query(`
      CREATE FUNCTION traffic_events.odd() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN IF new.id % 2 = 0 THEN RETURN NULL; END IF; RETURN new; END';
      CREATE TRIGGER odd BEFORE INSERT ON traffic_events.s
        FOR EACH ROW EXECUTE FUNCTION traffic_events.odd()`);
    const rowsOf = [1, 2, 3].map((id) => record({ id, v: 'a' }));
    const described = schema({ id: ID, v: WORD }, key === '' ? [] : [key]);
    const { failure, log } = await load([described, ...rowsOf]);
    expect(failure).toBeUndefined();
    expect(log).toContainEqual({
      message: 'rows.left_out',
      fields: { stream: 's', table: 's', sent: 3, taken: 2 },
    });
  });

  test('that takes one row of a key written in two ways has left none out, and of others it tells', async () => {
    await made('at timestamp with time zone, v text');
    const described = schema({ at: AT, v: WORD }, ['at']);
    const [six, again] = ['2026-01-31T06:00:00Z', '2026-01-31T07:00:00+01:00'];
    const first = await load([described, ...[six, again].map((at) => record({ at, v: 'a' }))]);
    expect(first.failure).toBeUndefined();
    expect(first.log).not.toContainEqual(expect.objectContaining({ message: 'rows.left_out' }));
    await database.query(`
      CREATE FUNCTION traffic_events.none() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN RETURN NULL; END';
      CREATE TRIGGER none BEFORE INSERT ON traffic_events.s
        FOR EACH ROW EXECUTE FUNCTION traffic_events.none()`);
    const later = [six, again, '2026-02-01T06:00:00Z'].map((at) => record({ at, v: 'b' }));
    const { log } = await load([described, ...later]);
    expect(log).toContainEqual({
      message: 'rows.left_out',
      fields: { stream: 's', table: 's', sent: 2, taken: 0 },
    });
  });
});

test('a stream of more properties than a table has columns is refused by name', async () => {
  const names = Array.from({ length: 1601 }, (_, index) => [`p${index}`, ID] as const);
  const { failure } = await load([schema({ id: ID, ...Object.fromEntries(names) })]);
  expect(String(failure)).toMatch(
    /Stream s: its table cannot be made ready\. .*at most 1600 columns/,
  );
});

test('rows of an old version that somebody refers to are not deleted, and the stream is named', async () => {
  await succeed([schema({ id: ID }), versioned(1, 1)]);
  await database.query(
    'CREATE TABLE traffic_events.o (id bigint REFERENCES traffic_events.s (id))',
  );
  await database.query('INSERT INTO traffic_events.o VALUES (1)');
  const activate = JSON.stringify({ type: 'ACTIVATE_VERSION', stream: 's', version: 2 });
  const { failure } = await load([schema({ id: ID }), versioned(2, 2), activate], {
    isHardDelete: true,
  });
  expect(String(failure)).toContain('Stream s: version 2 cannot be activated. ');
  expect(await database.query('SELECT id FROM traffic_events.s')).toHaveLength(2);
});

describe('the key of a stream', () => {
  const columns = { id: ID, day: { type: 'string', format: 'date' } };

  test('that held rows violate is refused, and the old one stays', async () => {
    await succeed([
      schema(columns, ['id', 'day']),
      record({ id: 1, day: '2026-01-01' }),
      record({ id: 1, day: '2026-01-02' }),
    ]);
    const before = await indexes();
    const { failure } = await load([schema(columns, ['id'])]);
    expect(String(failure)).toContain(
      'Stream s: its key is now id, but table s has rows in which it is the same. Nothing was changed;',
    );
    expect(await indexes()).toEqual(before);
  });

  test('has one index, which is made anew where the key is another', async () => {
    await succeed([schema(columns, ['id']), schema(columns, ['day', 'id'])]);
    expect(await indexes()).toEqual([{ indexdef: expect.stringContaining('UNIQUE') as string }]);
    await succeed([schema(columns, ['day']), record({ id: 1, day: '2026-01-01' })]);
    await succeed([schema(columns, ['day']), record({ id: 1, day: '2026-01-01' })], {
      method: 'append',
    });
    expect(await indexes()).toEqual([]);
    expect(await database.query('SELECT * FROM traffic_events.s')).toHaveLength(2);
  });

  test("needs none where somebody's does, which is left alone", async () => {
    await database.query('CREATE SCHEMA traffic_events');
    await database.query('CREATE TABLE traffic_events.s (id integer PRIMARY KEY, v varchar(3))');
    const own = schema({ id: ID, v: { type: 'string' } });
    await succeed([own, record({ id: 1, v: 'abc' }), record({ id: 1, v: 'xyz' })]);
    expect(await database.query('SELECT * FROM traffic_events.s')).toEqual([{ id: 1, v: 'xyz' }]);
    expect(await indexes()).toHaveLength(1);
    const { failure } = await load([own, record({ id: 2, v: 'long' })]);
    expect(String(failure)).toContain(
      'property v is "long", which column v, character varying(3), does not hold as it is.',
    );
    await succeed([schema({ id: ID, v: { type: 'string' } }, [])]);
    expect(await indexes()).toHaveLength(1);
  });
});

test('what a trigger refuses is one record, and a column that the server fills refuses its stream', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'refused-by-trigger-'));
  const path = join(directory, 'dead.jsonl');
  const deadLetters = { path, limit: 9 };
  await database.query(`
    CREATE SCHEMA traffic_events;
    CREATE TABLE traffic_events.s (id bigint PRIMARY KEY, v text);
    CREATE INDEX ON traffic_events.s (v);
    CREATE FUNCTION traffic_events.refuse() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'not this one'; END $$;
    CREATE TRIGGER refuse BEFORE INSERT ON traffic_events.s FOR EACH ROW WHEN (NEW.v = 'x')
      EXECUTE FUNCTION traffic_events.refuse()`);
  const text = { v: { type: 'string' } };
  const long = randomBytes(4500).toString('hex');
  const values = ['a', 'x', long, 'b'];
  await succeed([schema({ id: ID, ...text }), ...values.map((v, id) => record({ id, v }))], {
    deadLetters,
  });
  const letters = (await readFile(path, 'utf8')).trim().split('\n');
  await rm(directory, { recursive: true });
  // The key is short: it is not what makes a row too long for some index.
  expect(letters.map((line) => JSON.parse(line) as object)).toEqual([
    {
      stream: 's',
      reason: expect.stringMatching(/^Stream s: record \{"id":1\}: was refused: .*not this one/),
      record: { id: 1, v: 'x' },
    },
    {
      stream: 's',
      reason: expect.stringContaining('index row requires') as string,
      record: { id: 2, v: long },
    },
  ]);
  await database.query(
    'ALTER TABLE traffic_events.s ADD COLUMN w bigint GENERATED ALWAYS AS (id * 2) STORED',
  );
  const { failure } = await load([schema({ id: ID, w: ID })]);
  expect(String(failure)).toContain('Stream s: column w of table s is filled by the server');
});

test('a table with the name of a stage that was not made for one is never dropped', async () => {
  const lines = [schema({ id: ID }), record({ id: 1 }), 'broken'];
  expect((await load(lines, { method: 'overwrite' })).failure).toBeDefined();
  const [left] = await stageNames();
  await database.query(`DROP TABLE traffic_events.${left!.name}`);
  await database.query(`CREATE TABLE traffic_events.${left!.name} (precious text)`);
  expect(String((await load(lines, { method: 'overwrite' })).failure)).toContain(
    'has the name of a table that the loader makes, but it did not make it. Rename or drop it.',
  );
  expect(await stageNames()).toHaveLength(1);
});

describe('a column under views that has to be widened', () => {
  test("goes on under the loader's own, whose grants stay", async () => {
    await (await open([CLICKS])).close();
    await createViews({ connection: { url: database.url } });
    await database.query('GRANT SELECT ON traffic_events.dsp_daily TO pg_monitor');
    await (await open([wide('dsp_clicks'), { ...CLICKS, stream: 'new_clicks' }])).close();
    expect(await database.query('SELECT * FROM traffic_events.new_clicks_current')).toEqual([]);
    expect(
      await database.query(
        "SELECT data_type FROM information_schema.columns WHERE table_name = 'dsp_clicks_current' AND column_name = 'clicks'",
      ),
    ).toEqual([{ data_type: 'numeric' }]);
    expect(
      await database.query(
        "SELECT privilege_type FROM information_schema.role_table_grants WHERE grantee = 'pg_monitor' AND table_name = 'dsp_daily'",
      ),
    ).toEqual([{ privilege_type: 'SELECT' }]);
  });

  test("keeps its stream out alone where somebody's view uses it, by name", async () => {
    const other = { ...CLICKS, stream: 'other_clicks' };
    await (await open([CLICKS, other])).close();
    await createViews({ connection: { url: database.url } });
    await database.query(
      'CREATE VIEW traffic_events.theirs AS SELECT clicks FROM traffic_events.dsp_clicks_current',
    );
    const { sink, refused } = await opened([wide('dsp_clicks'), wide('other_clicks')]);
    expect(refused).toEqual([
      {
        stream: 'dsp_clicks',
        reason: expect.stringMatching(
          /^Stream dsp_clicks: clicks of table dsp_clicks cannot hold all values any more, and traffic_events\.theirs uses it/,
        ) as string,
      },
    ]);
    const rows = [['a', '1', '4', 'false']];
    expect(
      await sink.slice(
        sliceResult({ stream: 'other_clicks', executionId: 'b', rows }),
        partitionChange({ stream: 'other_clicks' }),
      ),
    ).toEqual({ kind: 'applied' });
    await sink.close();
    expect(await database.query('SELECT * FROM traffic_events.theirs')).toEqual([]);
  });
});

test('a table of slices says what it and its columns are, and says it once', async () => {
  const long = { ['l'.repeat(70)]: { type: ['null', 'string'], description: 'Long\u0000er.' } };
  const properties = { ...(CLICKS.schema['properties'] as object), ...long };
  const description = 'Clicks.\u0000';
  const stream = { ...CLICKS, schema: { ...CLICKS.schema, description, properties } };
  await (await open([stream])).close();
  const first = await comments('dsp_clicks');
  expect(first.map((row) => row['description'])).toEqual(['Clicks.', 'Longer.']);
  await (await open([stream])).close();
  expect(await comments('dsp_clicks')).toEqual(first);
});

test('views that cannot be brought up to date are told of, and keep nothing out', async () => {
  await (await open([CLICKS])).close();
  await createViews({ connection: { url: database.url } });
  await database.query('DROP VIEW traffic_events.dsp_account_daily');
  await database.query('CREATE VIEW traffic_events.dsp_account_daily AS SELECT 1 AS another');
  const warned: unknown[] = [];
  const logger = {
    ...silentLogger,
    warn: (fields: object, event: string) => void warned.push({ event, ...fields }),
  };
  const sink = new PostgresSink({ connection: { url: database.url }, logger });
  await sink.open(RUN, [CLICKS, { ...CLICKS, stream: 'dsp_clicks_total' }], [ACCOUNT]);
  await sink.close();
  expect(warned).toEqual([
    {
      event: 'views.outdated',
      reason: expect.stringContaining('cannot change name of view column') as string,
    },
  ]);
  expect(await database.query('SELECT * FROM traffic_events.dsp_clicks_total')).toEqual([]);
});

function stageNames() {
  return database.query<{ name: string }>(
    "SELECT relname AS name FROM pg_class WHERE relname LIKE '%\\_stage\\_%' AND relkind = 'r'",
  );
}

test('a column of slices whose values turn out to be no numbers becomes text, and keeps what it has', async () => {
  const before = await open([CLICKS]);
  await before.slice(...slice('2026-01-05', 'a'));
  await before.close();
  const sink = await open([worded('dsp_clicks')]);
  const values = { eventDate: '2026-01-06', executionId: 'b', rows: [['a', 'one', '4', 'false']] };
  await sink.slice(sliceResult(values), partitionChange({}));
  await sink.close();
  const held = await database.query(
    'SELECT campaign_id FROM traffic_events.dsp_clicks ORDER BY event_date',
  );
  expect(held).toEqual([{ campaign_id: '1' }, { campaign_id: 'one' }]);
});
