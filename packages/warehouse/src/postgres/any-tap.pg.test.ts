import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LoadRules } from '../messages/load-rules.ts';
import { loadMessages } from './postgres-target.ts';
import { loadLines } from './testing/load-lines.ts';
import { CLICKS, LEDGER, schemaMessage } from '../testing/slice-fixtures.ts';
import { createTestDatabase } from './testing/test-database.ts';
import type { TestDatabase } from './testing/test-database.ts';

let database: TestDatabase;
let directory: string;

beforeAll(async () => {
  database = await createTestDatabase();
  directory = await mkdtemp(join(tmpdir(), 'any-tap-'));
});
afterAll(async () => {
  await database.drop();
  await rm(directory, { recursive: true });
});
beforeEach(() => database.query('DROP SCHEMA IF EXISTS traffic_events CASCADE'));

const schema = (properties: object, keys: readonly string[] = ['id'], stream = 's') =>
  JSON.stringify({ type: 'SCHEMA', stream, schema: { properties }, key_properties: keys });
/** `record` is JSON text, so that digits stay what they are. */
const record = (text: string, stream = 's', extra = '') =>
  `{"type":"RECORD","stream":"${stream}","record":${text}${extra}}`;
const state = (value: unknown) => JSON.stringify({ type: 'STATE', value });
const put = (a: string | null, b: string | null, n: number) => record(JSON.stringify({ a, b, n }));
const versioned = (id: number, version: number) =>
  record(JSON.stringify({ id, n: version }), 's', `,"version":${version}`);
const activate = (version: number) =>
  JSON.stringify({ type: 'ACTIVATE_VERSION', stream: 's', version });
const batch = (manifest: readonly string[], compression?: string, format = 'jsonl') =>
  JSON.stringify({ type: 'BATCH', stream: 's', encoding: { format, compression }, manifest });
const load = (lines: readonly string[], rules: Partial<LoadRules> = {}) =>
  loadLines(lines, { connection: { url: database.url }, rules });
const succeed = async (lines: readonly string[], rules: Partial<LoadRules> = {}) => {
  const outcome = await load(lines, rules);
  expect(outcome.failure).toBeUndefined();
  return outcome;
};
const failureOf = async (lines: readonly string[], rules: Partial<LoadRules> = {}) =>
  String((await load(lines, rules)).failure);
const table = (name = 's', order = '1') =>
  database.query(`SELECT * FROM traffic_events."${name}" ORDER BY ${order}`);
const typesOf = async (name = 's') => {
  const columns = await database.query<{ name: string; type: string }>(
    `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
      WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
    [`traffic_events."${name}"`],
  );
  return Object.fromEntries(columns.map((column) => [column.name, column.type]));
};

describe('types', () => {
  const properties = {
    id: { type: 'integer' },
    big: { type: 'integer', maximum: 1e30 },
    amount: { type: ['null', 'number'] },
    flag: { type: 'boolean' },
    day: { type: 'string', format: 'date' },
    at: { type: 'string', format: 'date-time' },
    hour: { type: 'string', format: 'time' },
    ref: { type: 'string', format: 'uuid' },
    words: { type: 'string' },
    list: { type: 'array' },
    either: { type: ['string', 'integer', 'null'] },
    anything: {},
    dates: { anyOf: [{ type: 'string', format: 'date-time' }, { type: 'string' }] },
  };

  test('each property gets the type that holds it', async () => {
    await succeed([schema(properties)]);
    expect(await typesOf()).toEqual({
      id: 'bigint',
      big: 'numeric',
      amount: 'numeric',
      flag: 'boolean',
      day: 'date',
      at: 'timestamp with time zone',
      hour: 'time without time zone',
      ref: 'uuid',
      words: 'text',
      list: 'jsonb',
      either: 'jsonb',
      anything: 'jsonb',
      dates: 'text',
    });
  });

  test('every digit arrives, however long the number', async () => {
    const lines = [
      '{"id":9223372036854775807,"big":123456789012345678901234567890,"amount":0.12345678901234567890123456789}',
      '{"id":-9223372036854775808,"big":1,"amount":99999999999999999999.99999999999999999}',
      '{"id":9007199254740993,"anything":{"deep":[9007199254740993,0.1234567890123456789]}}',
    ];
    await succeed([schema(properties), ...lines.map((text) => record(text))]);
    const rows = await database.query(
      'SELECT id::text, big::text, amount::text, anything::text FROM traffic_events.s ORDER BY id',
    );
    expect(rows).toEqual([
      {
        id: '-9223372036854775808',
        big: '1',
        amount: '99999999999999999999.99999999999999999',
        anything: null,
      },
      {
        id: '9007199254740993',
        big: null,
        amount: null,
        anything: '{"deep": [9007199254740993, 0.1234567890123456789]}',
      },
      {
        id: '9223372036854775807',
        big: '123456789012345678901234567890',
        amount: '0.12345678901234567890123456789',
        anything: null,
      },
    ]);
  });

  test('values arrive as what they are, and an empty string is no NULL', async () => {
    await succeed([
      schema(properties),
      record(
        JSON.stringify({
          id: 1,
          flag: false,
          day: '2026-01-31',
          at: '2026-01-31T06:00:00.123456+01:00',
          hour: '06:00:01.5',
          ref: '6BA7B810-9dad-11d1-80b4-00c04fd430c8',
          words: '',
          list: [1, 'a\tb\\n', null],
          either: 'x',
          dates: 'whenever',
        }),
      ),
    ]);
    expect(await table()).toEqual([
      {
        id: '1',
        big: null,
        amount: null,
        flag: false,
        day: '2026-01-31',
        at: new Date('2026-01-31T05:00:00.123Z'),
        hour: '06:00:01.5',
        ref: '6ba7b810-9dad-11d1-80b4-00c04fd430c8',
        words: '',
        list: [1, 'a\tb\\n', null],
        either: 'x',
        anything: null,
        dates: 'whenever',
      },
    ]);
  });

  test('an integer beyond 64 bits is refused where its column has no room', async () => {
    expect(await failureOf([schema(properties), record('{"id":9223372036854775808}')])).toContain(
      'record {"id":9223372036854775808}: property id is 9223372036854775808, beyond the 64 bits of its column.',
    );
  });

  test('number can be held as double precision', async () => {
    await succeed([schema(properties)], { numberMode: 'double' });
    expect(await typesOf()).toMatchObject({ amount: 'double precision' });
  });

  test.each([
    [
      '{"id":1,"day":"yesterday"}',
      'property day is "yesterday", but its column holds a date such as',
    ],
    ['{"id":1,"day":"2026-02-30"}', 'property day is "2026-02-30", but its column holds a date'],
    ['{"id":1,"at":"now"}', 'property at is "now", but its column holds an instant'],
    ['{"id":1,"ref":"x"}', 'property ref is "x", but its column holds a UUID'],
    ['{"id":"1"}', 'property id is "1", but its column holds a whole number'],
    ['{"id":1.5}', 'property id is 1.5, but its column holds a whole number'],
    ['{"id":1,"words":null}', 'property words is null, which the schema does not allow.'],
    [
      '{"id":1,"either":{}}',
      'property either is {}, but the schema allows string or integer or null.',
    ],
  ])('%s is refused, with stream, key and property', async (text, problem) => {
    const failure = await failureOf([schema(properties), record('{"id":7}'), record(text)]);
    expect(failure).toContain(`Stream s: record {"id":`);
    expect(failure).toContain(problem);
  });

  test('validation can be left out', async () => {
    const loose = record('{"id":1,"words":null,"either":{}}');
    await succeed([schema(properties), loose], { isValidated: false });
    expect(await table()).toMatchObject([{ words: null, either: {} }]);
  });
});

describe('schema changes', () => {
  test('widening keeps every value; what is gone stays', async () => {
    await succeed([
      schema({
        id: { type: 'integer' },
        a: { type: 'integer' },
        b: { type: 'string', format: 'date' },
        c: {},
      }),
      record('{"id":1,"a":9007199254740993,"b":"2026-01-31"}'),
      schema({
        id: { type: 'integer' },
        a: { type: 'number' },
        b: { type: 'string', format: 'date-time' },
      }),
      record('{"id":2,"a":0.5,"b":"2026-01-31T06:00:00Z"}'),
    ]);
    expect(await table()).toMatchObject([
      { a: '9007199254740993', b: new Date('2026-01-31T00:00:00Z'), c: null },
      { a: '0.5', b: new Date('2026-01-31T06:00:00Z') },
    ]);
    // The wider column still takes what the narrower schema says.
    await succeed([
      schema({ id: { type: 'integer' }, a: { type: 'integer' } }),
      record('{"id":3,"a":4}'),
    ]);
  });

  test('any other change says what to do', async () => {
    await succeed([schema({ id: { type: 'integer' }, a: { type: 'string' } })]);
    expect(
      await failureOf([schema({ id: { type: 'integer' }, a: { type: 'integer' } })]),
    ).toContain(
      'Stream s: column a of table s is text, but its property is now bigint, and no type holds both. Rename the property, load into another schema, or alter the column yourself.',
    );
  });
});

describe('names', () => {
  test('long names, reserved words and odd characters are kept apart', async () => {
    const long = 'x'.repeat(80);
    const names = [`${long}1`, `${long}2`, 'select', 'a"b', 'ü;--', 'Case', 'case'];
    const properties = Object.fromEntries(names.map((name) => [name, { type: 'integer' }]));
    await succeed([
      schema(properties, [`${long}1`], long),
      record(JSON.stringify(Object.fromEntries(names.map((name, index) => [name, index]))), long),
    ]);
    const [{ name }] = (await database.query(
      "SELECT relname AS name FROM pg_class WHERE relname LIKE 'xxx%' AND relkind = 'r'",
    )) as [{ name: string }];
    expect(Buffer.byteLength(name)).toBe(63);
    const [row] = await table(name);
    expect(Object.values(row!)).toEqual(names.map((_, index) => String(index)));
    expect(Object.keys(row!).slice(2)).toEqual(['select', 'a"b', 'ü;--', 'Case', 'case']);
  });

  test('small letters by option, without mixing what differs in case only', async () => {
    await succeed(
      [
        schema({ Id: { type: 'integer' }, ID: { type: 'integer' } }, ['Id']),
        record('{"Id":1,"ID":2}'),
      ],
      { letterCase: 'lower' },
    );
    const [row] = await table();
    expect(Object.keys(row!)).toEqual(['id', expect.stringMatching(/^id_[0-9a-f]{8}$/)]);
    expect(Object.values(row!)).toEqual(['1', '2']);
    expect(
      await failureOf([schema({ a: {} }, [], 'T'), schema({ a: {} }, [], 't')], {
        letterCase: 'lower',
      }),
    ).toContain('its table would be t, which stream T has already.');
  });

  test('a dash parts schema and table by option', async () => {
    await succeed(
      [
        schema({ id: { type: 'integer' } }, ['id'], 'sales-users'),
        record('{"id":1}', 'sales-users'),
      ],
      {
        isSchemaInName: true,
      },
    );
    expect(await database.query('SELECT * FROM sales.users')).toEqual([{ id: '1' }]);
    await database.query('DROP SCHEMA sales CASCADE');
  });
});

describe('keys', () => {
  test('the last record of a key wins, in a batch and across batches, NULL included', async () => {
    const keyed = schema(
      { a: { type: ['null', 'string'] }, b: { type: ['null', 'string'] }, n: { type: 'integer' } },
      ['a', 'b'],
    );
    await succeed([
      keyed,
      put('x\t', 'y', 1),
      put('x', '\ty', 2),
      put(null, 'y', 3),
      put(null, 'y', 4),
    ]);
    await succeed([
      keyed,
      put(null, 'y', 5),
      put('x\t', 'y', 6),
      put('"', "'", 7),
      put('"', "'", 8),
    ]);
    expect(await table('s', 'n')).toEqual([
      { a: 'x', b: '\ty', n: '2' },
      { a: null, b: 'y', n: '5' },
      { a: 'x\t', b: 'y', n: '6' },
      { a: '"', b: "'", n: '8' },
    ]);
  });

  test('one instant written in two ways is one key', async () => {
    const keyed = schema({ at: { type: 'string', format: 'date-time' }, n: { type: 'integer' } }, [
      'at',
    ]);
    await succeed([
      keyed,
      record('{"at":"2026-01-31T06:00:00Z","n":1}'),
      record('{"at":"2026-01-31T07:00:00+01:00","n":2}'),
      record('{"at":"2026-01-31T06:00:00Z","n":3}'),
    ]);
    expect(await table()).toEqual([{ at: new Date('2026-01-31T06:00:00Z'), n: '3' }]);
  });

  test('a key that the schema does not have is named', async () => {
    expect(await failureOf([schema({ a: {} }, ['id'])])).toContain(
      'Stream s: key_properties names id, which the schema has no property for.',
    );
  });
});

describe('load methods', () => {
  const users = schema({ id: { type: 'integer' }, n: { type: 'integer' } });

  test('append adds, whatever the keys', async () => {
    await succeed([users, record('{"id":1,"n":1}'), record('{"id":1,"n":2}')], {
      method: 'append',
    });
    expect(await table('s', 'n')).toHaveLength(2);
  });

  test('overwrite replaces the table at the end, and passes no state on before', async () => {
    await succeed([users, record('{"id":1,"n":1}'), record('{"id":2,"n":1}')], {
      method: 'overwrite',
    });
    const drain = { maxRows: 1, maxBytes: 1, maxAgeMs: 60_000 };
    const lines = [users, record('{"id":3,"n":1}'), state(1), record('{"id":3,"n":2}'), state(2)];
    const broken = await load([...lines, 'broken'], { method: 'overwrite', drain });
    expect(broken.states).toEqual([]);
    expect(await table()).toHaveLength(2);
    const { states } = await succeed(lines, { method: 'overwrite', drain });
    expect(states).toEqual([2]);
    expect(await table()).toEqual([{ id: '3', n: '2' }]);
    const left = await database.query("SELECT 1 FROM pg_class WHERE relname LIKE 's\\_next%'");
    expect(left).toEqual([]);
  });

  test('slices and the ledger cannot be overwritten', async () => {
    for (const stream of [CLICKS, LEDGER]) {
      expect(await failureOf([schemaMessage(stream)], { method: 'overwrite' })).toContain(
        `Stream ${stream.stream}: it cannot be overwritten: what the API no longer has would be gone.`,
      );
      const version = JSON.stringify({
        type: 'ACTIVATE_VERSION',
        stream: stream.stream,
        version: 2,
      });
      expect(await failureOf([schemaMessage(stream), version])).toContain(
        'ACTIVATE_VERSION is refused',
      );
    }
  });

  test.each([false, true])(
    'ACTIVATE_VERSION ends older versions (hard delete: %s)',
    async (isHardDelete) => {
      await succeed([users, record('{"id":0,"n":0}')], { isHardDelete });
      await succeed([users, versioned(1, 1), versioned(2, 1), activate(1)], { isHardDelete });
      await succeed([users, versioned(2, 2), activate(2)], { isHardDelete });
      const rows = await table();
      expect(rows.filter((row) => row['_sdc_deleted_at'] === null)).toMatchObject([
        { id: '2', _sdc_table_version: '2' },
      ]);
      expect(rows).toHaveLength(isHardDelete ? 1 : 3);
    },
  );

  test('metadata columns by option', async () => {
    await succeed(
      [users, record('{"id":1,"n":1}', 's', ',"time_extracted":"2026-01-01T00:00:00Z"')],
      {
        hasRecordMetadata: true,
      },
    );
    const [row] = await table();
    expect(row).toMatchObject({
      _sdc_extracted_at: new Date('2026-01-01T00:00:00Z'),
      _sdc_deleted_at: null,
    });
    expect(Object.keys(row!).sort()).toEqual([
      '_sdc_batched_at',
      '_sdc_deleted_at',
      '_sdc_extracted_at',
      '_sdc_received_at',
      '_sdc_sequence',
      '_sdc_sync_started_at',
      '_sdc_table_version',
      'id',
      'n',
    ]);
  });
});

describe('BATCH', () => {
  const users = schema({ id: { type: 'integer' } });

  test('files of JSON lines are loaded in their place, plain and gzip', async () => {
    const [plain, zipped] = [join(directory, 'a b.jsonl'), join(directory, 'b.jsonl.gz')];
    await writeFile(plain, '{"id":9007199254740993}\n{"id":2}\n');
    await writeFile(zipped, gzipSync('{"id":3}\n'));
    const { states } = await succeed([
      users,
      record('{"id":1}'),
      batch([pathToFileURL(plain).href]),
      batch([zipped], 'gzip'),
      state('after'),
    ]);
    expect((await table()).map((row) => row['id'])).toEqual(['1', '2', '3', '9007199254740993']);
    expect(states).toEqual(['after']);
  });

  test('what is not read is named', async () => {
    expect(await failureOf([users, batch(['x'], 'gzip', 'parquet')])).toContain(
      'Stream s: BATCH files of format parquet, compression gzip are not read.',
    );
    expect(await failureOf([users, batch(['s3://bucket/x?signature=secret'])])).toContain(
      'Stream s: BATCH file s3://bucket/x is not on this machine.',
    );
    await writeFile(join(directory, 'broken.jsonl'), '[1]\n');
    expect(await failureOf([users, batch([join(directory, 'broken.jsonl')])])).toContain(
      'is no JSON object in BATCH file',
    );
  });
});

describe('dead letters', () => {
  const users = schema({ id: { type: 'integer' } });

  test('refused records are put away with their reasons, the others are loaded', async () => {
    const path = join(directory, 'dead.jsonl');
    const { states, log } = await succeed(
      [
        users,
        record('{"id":1}'),
        record('{"id":"x"}'),
        record('{}'),
        record('{"id":9007199254740993}'),
        state(1),
      ],
      { deadLetters: { path, limit: 2 } },
    );
    expect(states).toEqual([1]);
    expect(await table()).toHaveLength(2);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const letters = (await readFile(path, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(letters).toMatchObject([
      { stream: 's', property: 'id', record: { id: 'x' } },
      {
        stream: 's',
        property: 'id',
        record: {},
        reason: expect.stringContaining('missing') as string,
      },
    ]);
    expect(log).toContainEqual({ message: 'records.refused', fields: { records: 2 } });
  });

  test('beyond the limit the load fails, with the last reason', async () => {
    const path = join(directory, 'full.jsonl');
    const failure = await failureOf([users, record('{"id":"x"}'), record('{"id":"y"}')], {
      deadLetters: { path, limit: 1 },
    });
    expect(failure).toContain(
      `More than 1 records were refused; the others are in ${path}. The last one: Stream s: record {"id":"y"}: property id`,
    );
  });

  test('a bad row of a slice fails the slice', async () => {
    const path = join(directory, 'none.jsonl');
    const { failure } = await load(
      [
        schemaMessage(CLICKS),
        record('{"account_id":"a","execution_id":"e","row_number":"x"}', 'dsp_clicks'),
      ],
      {
        deadLetters: { path, limit: 100 },
      },
    );
    expect(String(failure)).toContain(
      'Stream dsp_clicks: record {"execution_id":"e","row_number":"x"}: property row_number',
    );
  });
});

describe('state', () => {
  const users = schema({ id: { type: 'integer' } });

  test('the newest state is passed on once what came before it is committed, not each one', async () => {
    const lines = [users];
    for (let id = 0; id < 50; id += 1) lines.push(record(`{"id":${id}}`), state({ id }));
    const { states } = await succeed(lines, {
      drain: { maxRows: 20, maxBytes: 1e9, maxAgeMs: 60_000 },
    });
    expect(states).toEqual([{ id: 18 }, { id: 38 }, { id: 49 }]);
  });

  test('a failure passes nothing on that is not committed', async () => {
    const { states } = await load([
      users,
      record('{"id":1}'),
      state(1),
      record('{"id":2}'),
      'broken',
    ]);
    expect(states).toEqual([]);
    expect(await table()).toEqual([]);
  });

  test('no state is invented', async () => {
    expect((await succeed([users, record('{"id":1}')])).states).toEqual([]);
  });

  test('a silent tap does not hold back what it has sent', async () => {
    const states: unknown[] = [];
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const loading = loadMessages(
      (async function* source() {
        yield Buffer.from(`${[users, record('{"id":1}'), state(1)].join('\n')}\n`);
        await ended;
      })(),
      {
        connection: { url: database.url },
        rules: { drain: { maxRows: 1e9, maxBytes: 1e9, maxAgeMs: 100 } },
        emitState: async (value) => void states.push(value),
      },
    );
    await expect.poll(() => states, { timeout: 10_000 }).toEqual([1]);
    expect(await table()).toHaveLength(1);
    end();
    await loading;
  });

  test('asked to stop, it commits what has arrived and passes the state on', async () => {
    const states: unknown[] = [];
    const stop = new AbortController();
    await loadMessages(
      (async function* source() {
        yield Buffer.from(
          `${[users, record('{"id":1}'), state(1), record('{"id":2}')].join('\n')}\n`,
        );
        stop.abort();
        await new Promise(() => {});
      })(),
      {
        connection: { url: database.url },
        signal: stop.signal,
        emitState: async (value) => void states.push(value),
      },
    );
    expect(states).toEqual([1]);
    expect(await table()).toHaveLength(2);
  });
});
