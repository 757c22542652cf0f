import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LoadRules } from '../../messages/load-rules.ts';
import { CLICKS, LEDGER, schemaMessage } from '../slice-fixtures.ts';
import type { MakeWarehouse, WarehouseUnderTest } from '../warehouse-under-test.ts';

const schema = (stream: string, properties: object, keys: readonly string[] = ['id']) =>
  JSON.stringify({ type: 'SCHEMA', stream, schema: { properties }, key_properties: keys });
/** `text` is JSON, so that digits stay what they are. */
const record = (stream: string, text: string, extra = '') =>
  `{"type":"RECORD","stream":"${stream}","record":${text}${extra}}`;
const state = (value: unknown) => JSON.stringify({ type: 'STATE', value });
const users = (stream: string) =>
  schema(stream, { id: { type: 'integer' }, n: { type: ['null', 'integer'] } });
const put = (stream: string, a: string | null, b: string | null, n: number) =>
  record(stream, JSON.stringify({ a, b, n }));
const versioned = (id: number, version: number, stream: string) =>
  record(stream, JSON.stringify({ id, n: version }), `,"version":${version}`);
const activate = (stream: string, version: number) =>
  JSON.stringify({ type: 'ACTIVATE_VERSION', stream, version });
const batch = (
  stream: string,
  manifest: readonly string[],
  compression?: string,
  format = 'jsonl',
) => JSON.stringify({ type: 'BATCH', stream, encoding: { format, compression }, manifest });

const PROPERTIES = {
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

/** What every warehouse promises to any tap. */
export function anyTapContract(make: MakeWarehouse): void {
  let warehouse: WarehouseUnderTest;
  let directory: string;
  beforeAll(async () => {
    warehouse = await make();
    directory = await mkdtemp(join(tmpdir(), 'any-tap-'));
  });
  afterAll(async () => {
    await warehouse.drop();
    await rm(directory, { recursive: true });
  });

  const load = (lines: readonly string[], rules: Partial<LoadRules> = {}) =>
    warehouse.load(lines, rules);
  const succeed = async (lines: readonly string[], rules: Partial<LoadRules> = {}) => {
    const outcome = await load(lines, rules);
    expect(outcome.failure).toBeUndefined();
    return outcome;
  };
  const failureOf = async (lines: readonly string[], rules: Partial<LoadRules> = {}) =>
    String((await load(lines, rules)).failure);

  describe('types', () => {
    test('each property gets the type that holds it', async () => {
      await succeed([schema('typed', PROPERTIES)]);
      const { types } = warehouse;
      expect(await warehouse.typesOf('typed')).toEqual({
        id: types.integer,
        big: types.numeric,
        amount: types.numeric,
        flag: types.boolean,
        day: types.date,
        at: types.timestamp,
        hour: types.time,
        ref: types.uuid,
        words: types.text,
        list: types.json,
        either: types.json,
        anything: types.json,
        dates: types.text,
      });
    });

    test('every digit arrives, however long the number', async () => {
      const lines = [
        '{"id":9223372036854775807,"big":12345678901234567890,"amount":0.123456789012345}',
        '{"id":-9223372036854775808,"big":1,"amount":99999999999999999999.999999999999999}',
        '{"id":9007199254740993,"amount":1e3,"anything":{"deep":[9007199254740993,"x"]}}',
      ];
      await succeed([schema('digits', PROPERTIES), ...lines.map((text) => record('digits', text))]);
      expect(await warehouse.rows('digits', ['id', 'big', 'amount', 'anything:json'])).toEqual([
        ['-9223372036854775808', '1', '99999999999999999999.999999999999999', null],
        ['9007199254740993', null, '1000', '{"deep":[9007199254740993,"x"]}'],
        ['9223372036854775807', '12345678901234567890', '0.123456789012345', null],
      ]);
    });

    test('values arrive as what they are, and an empty string is no NULL', async () => {
      const values = {
        id: 1,
        flag: false,
        day: '2026-01-31',
        at: '2026-01-31T06:00:00.123456+01:00',
        hour: '06:00:01.5',
        ref: '6ba7b810-9dad-11d1-80b4-00c04fd430c8',
        words: '',
        list: [1, 'a\tb\\n', null],
        either: 'x',
        dates: 'whenever',
      };
      await succeed([schema('values', PROPERTIES), record('values', JSON.stringify(values))]);
      const plain = ['id', 'big', 'flag', 'day', 'at', 'hour', 'ref', 'words', 'dates'];
      expect(await warehouse.rows('values', [...plain, 'list:json', 'either:json'])).toEqual([
        [
          '1',
          null,
          'false',
          '2026-01-31',
          '2026-01-31T05:00:00.123456Z',
          '06:00:01.5',
          '6ba7b810-9dad-11d1-80b4-00c04fd430c8',
          '',
          'whenever',
          String.raw`[1,"a\tb\\n",null]`,
          '"x"',
        ],
      ]);
    });

    test('number can be held as a double', async () => {
      await succeed([schema('doubles', PROPERTIES)], { numberMode: 'double' });
      expect(await warehouse.typesOf('doubles')).toMatchObject({ amount: warehouse.types.double });
    });

    test.each([
      [
        '{"id":9223372036854775808}',
        'property id is 9223372036854775808, beyond the 64 bits of its column.',
      ],
      ['{"id":1,"day":"yesterday"}', 'property day is "yesterday", but its column holds a date'],
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
      const stream = 'refusing';
      const good = record(stream, '{"id":7}');
      const failure = await failureOf([schema(stream, PROPERTIES), good, record(stream, text)]);
      expect(failure).toContain(`Stream ${stream}: record {"id":`);
      expect(failure).toContain(problem);
    });

    test('validation can be left out', async () => {
      const loose = record('loose', '{"id":1,"words":null,"either":{}}');
      await succeed([schema('loose', PROPERTIES), loose], { isValidated: false });
      expect(await warehouse.rows('loose', ['words', 'either:json'])).toEqual([[null, '{}']]);
    });
  });

  describe('schema changes', () => {
    test('an integer column becomes exact decimals, what is gone stays, and less is taken again', async () => {
      const stream = 'widened';
      const id = { type: 'integer' };
      const text = { type: ['null', 'string'] };
      await succeed([
        schema(stream, { id, a: { type: 'integer' }, old: text }),
        record(stream, '{"id":1,"a":9007199254740993,"old":"first"}'),
        schema(stream, { id, a: { type: 'number' }, fresh: text }),
        record(stream, '{"id":2,"a":0.5,"fresh":"second"}'),
      ]);
      // The wider column still takes what the narrower schema says.
      await succeed([
        schema(stream, { id, a: { type: 'integer' } }),
        record(stream, '{"id":3,"a":4}'),
        record(stream, '{"id":1,"a":7}'),
      ]);
      expect(await warehouse.rows(stream, ['id', 'a', 'old', 'fresh'])).toEqual([
        ['1', '7', 'first', null],
        ['2', '0.5', null, 'second'],
        ['3', '4', null, null],
      ]);
    });

    test('any other change says what to do', async () => {
      const stream = 'unfitting';
      const of = (type: string) => schema(stream, { id: { type: 'integer' }, a: { type } });
      await succeed([of('integer')]);
      const failure = await failureOf([of('string')]);
      const { types } = warehouse;
      expect(failure).toContain(
        `Stream ${stream}: column a of table ${stream} is ${types.integer}, but its property is now ${types.text}, and `,
      );
      expect(failure).toMatch(
        /Set type_conflict to new_column, rename the property, load into another \w+, or alter the column yourself\.$/,
      );
    });

    test('a SCHEMA that is sent again changes nothing, also where it declares columns for versions', async () => {
      const stream = 'repeated';
      const own = schema(stream, {
        id: { type: 'integer' },
        n: { type: 'integer' },
        _sdc_table_version: { type: ['null', 'integer'] },
        _sdc_deleted_at: { type: ['null', 'string'], format: 'date-time' },
      });
      await succeed([own, versioned(1, 1, stream), own, versioned(2, 1, stream), own]);
      expect(await warehouse.rows(stream, ['id', 'n'])).toEqual([
        ['1', '1'],
        ['2', '1'],
      ]);
    });
  });

  describe('names and keys', () => {
    test('small letters by option, without mixing what differs in case only', async () => {
      const properties = { Id: { type: 'integer' }, ID: { type: 'integer' } };
      await succeed([schema('Small', properties, ['Id']), record('Small', '{"Id":1,"ID":2}')], {
        letterCase: 'lower',
      });
      const names = Object.keys(await warehouse.typesOf('small')).sort();
      expect(names).toEqual(['id', expect.stringMatching(/^id_[0-9a-f]{8}$/i)]);
      expect(await warehouse.rows('small', names)).toEqual([['1', '2']]);
      const two = [schema('T', { a: {} }, []), schema('t', { a: {} }, [])];
      expect(await failureOf(two, { letterCase: 'lower' })).toContain(
        'its table would be t, which stream T has already.',
      );
    });

    test('the last record of a key wins, in a batch and across batches, NULL included', async () => {
      const stream = 'keyed';
      const text = { type: ['null', 'string'] };
      const keyed = schema(stream, { a: text, b: text, n: { type: 'integer' } }, ['a', 'b']);
      await succeed([
        keyed,
        put(stream, 'x\t', 'y', 1),
        put(stream, 'x', '\ty', 2),
        put(stream, null, 'y', 3),
        put(stream, null, 'y', 4),
        put(stream, 'null', 'y', 9),
      ]);
      await succeed([
        keyed,
        put(stream, null, 'y', 5),
        put(stream, 'x\t', 'y', 6),
        put(stream, '"', "'", 7),
        put(stream, '"', "'", 8),
      ]);
      expect(await warehouse.rows(stream, ['n', 'a', 'b'])).toEqual([
        ['2', 'x', '\ty'],
        ['5', null, 'y'],
        ['6', 'x\t', 'y'],
        ['8', '"', "'"],
        ['9', 'null', 'y'],
      ]);
    });

    test('one instant written in two ways is one key', async () => {
      const properties = { at: { type: 'string', format: 'date-time' }, n: { type: 'integer' } };
      await succeed([
        schema('instants', properties, ['at']),
        record('instants', '{"at":"2026-01-31T06:00:00Z","n":1}'),
        record('instants', '{"at":"2026-01-31T07:00:00+01:00","n":2}'),
        record('instants', '{"at":"2026-01-31T06:00:00Z","n":3}'),
      ]);
      expect(await warehouse.rows('instants', ['at', 'n'])).toEqual([
        ['2026-01-31T06:00:00Z', '3'],
      ]);
    });

    test('a key that the schema does not have is named', async () => {
      expect(await failureOf([schema('keyless', { a: {} }, ['id'])])).toContain(
        'Stream keyless: key_properties names id, which the schema has no property for.',
      );
    });
  });

  describe('load methods', () => {
    test('append adds, whatever the keys', async () => {
      const rows = [record('added', '{"id":1,"n":1}'), record('added', '{"id":1,"n":2}')];
      await succeed([users('added'), ...rows], { method: 'append' });
      expect(await warehouse.rows('added', ['id', 'n'])).toEqual([
        ['1', '1'],
        ['1', '2'],
      ]);
    });

    test('overwrite replaces the table at the end, and passes no state on before', async () => {
      const stream = 'replaced';
      const method = 'overwrite';
      const before = [record(stream, '{"id":1,"n":1}'), record(stream, '{"id":2,"n":1}')];
      await succeed([users(stream), ...before], { method });
      const drain = { maxRows: 1, maxBytes: 1, maxAgeMs: 60_000 };
      const lines = [
        users(stream),
        record(stream, '{"id":3,"n":1}'),
        state(1),
        record(stream, '{"id":3,"n":2}'),
        state(2),
      ];
      const broken = await load([...lines, 'broken'], { method, drain });
      expect(broken.states).toEqual([]);
      expect(await warehouse.rows(stream, ['id'])).toHaveLength(2);
      const { states } = await succeed(lines, { method, drain });
      expect(states).toEqual([2]);
      expect(await warehouse.rows(stream, ['id', 'n'])).toEqual([['3', '2']]);
    });

    test('a schema may change while a table is overwritten', async () => {
      const stream = 'rewritten';
      const of = (type: string, more: object = {}) =>
        schema(stream, { id: { type: 'integer' }, n: { type }, ...more });
      const drain = { maxRows: 1, maxBytes: 1, maxAgeMs: 60_000 };
      const lines = [
        of('integer'),
        record(stream, '{"id":1,"n":1}'),
        of('number', { more: { type: 'string' } }),
        record(stream, '{"id":2,"n":2.5,"more":"x"}'),
        record(stream, '{"id":1,"n":3,"more":"y"}'),
        record(stream, '{"id":3,"n":4}'),
      ];
      await succeed(lines, { method: 'overwrite', drain });
      expect(await warehouse.rows(stream, ['id', 'n', 'more'])).toEqual([
        ['1', '3', 'y'],
        ['2', '2.5', 'x'],
        ['3', '4', null],
      ]);
    });

    test('slices and the ledger cannot be overwritten', async () => {
      for (const described of [CLICKS, LEDGER]) {
        const { stream } = described;
        expect(await failureOf([schemaMessage(described)], { method: 'overwrite' })).toContain(
          `Stream ${stream}: it cannot be overwritten: what the API no longer has would be gone.`,
        );
        expect(await failureOf([schemaMessage(described), activate(stream, 2)])).toContain(
          'ACTIVATE_VERSION is refused',
        );
      }
    });

    test.each([false, true])(
      'ACTIVATE_VERSION ends older versions (hard delete: %s)',
      async (isHardDelete) => {
        const stream = `versions_${isHardDelete}`;
        const rules = { isHardDelete };
        await succeed([users(stream), record(stream, '{"id":0,"n":0}')], rules);
        await succeed(
          [users(stream), versioned(1, 1, stream), versioned(2, 1, stream), activate(stream, 1)],
          rules,
        );
        await succeed([users(stream), versioned(2, 2, stream), activate(stream, 2)], rules);
        const columns = ['id', '_sdc_table_version', '_sdc_deleted_at'];
        const rows = await warehouse.rows(stream, columns);
        expect(rows.filter(([, , deletedAt]) => deletedAt === null)).toEqual([['2', '2', null]]);
        expect(rows).toHaveLength(isHardDelete ? 1 : 3);
      },
    );

    test('metadata columns by option', async () => {
      const stream = 'described';
      const extracted = ',"time_extracted":"2026-01-01T00:00:00Z"';
      await succeed([users(stream), record(stream, '{"id":1,"n":1}', extracted)], {
        hasRecordMetadata: true,
      });
      expect(await warehouse.rows(stream, ['_sdc_extracted_at', '_sdc_deleted_at'])).toEqual([
        ['2026-01-01T00:00:00Z', null],
      ]);
      expect(Object.keys(await warehouse.typesOf(stream)).sort()).toEqual([
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
    test('files of JSON lines are loaded in their place, plain and gzip', async () => {
      const stream = 'filed';
      const [plain, zipped] = [join(directory, 'a b.jsonl'), join(directory, 'b.jsonl.gz')];
      await writeFile(plain, '{"id":9007199254740993}\n{"id":2}\n');
      await writeFile(zipped, gzipSync('{"id":3}\n'));
      const { states } = await succeed([
        users(stream),
        record(stream, '{"id":1}'),
        batch(stream, [pathToFileURL(plain).href]),
        batch(stream, [zipped], 'gzip'),
        state('after'),
      ]);
      expect((await warehouse.rows(stream, ['id'])).flat()).toEqual([
        '1',
        '2',
        '3',
        '9007199254740993',
      ]);
      expect(states).toEqual(['after']);
    });

    test('what is not read is named', async () => {
      const stream = 'unread';
      const parquet = batch(stream, ['x'], 'gzip', 'parquet');
      expect(await failureOf([users(stream), parquet])).toContain(
        `Stream ${stream}: BATCH files of format parquet, compression gzip are not read.`,
      );
      const elsewhere = batch(stream, ['s3://bucket/x?signature=secret']);
      expect(await failureOf([users(stream), elsewhere])).toContain(
        `Stream ${stream}: BATCH file s3://bucket/x is not on this machine.`,
      );
      await writeFile(join(directory, 'broken.jsonl'), '[1]\n');
      const broken = batch(stream, [join(directory, 'broken.jsonl')]);
      expect(await failureOf([users(stream), broken])).toContain(
        `record 1 of BATCH file ${join(directory, 'broken.jsonl')}: is no JSON object.`,
      );
    });
  });

  describe('dead letters', () => {
    test('refused records are put away with their reasons, the others are loaded', async () => {
      const stream = 'lettered';
      const path = join(directory, 'dead.jsonl');
      const texts = ['{"id":1}', '{"id":"x"}', '{}', '{"id":9007199254740993}'];
      const { states, log } = await succeed(
        [users(stream), ...texts.map((text) => record(stream, text)), state(1)],
        { deadLetters: { path, limit: 2 } },
      );
      expect(states).toEqual([1]);
      expect(await warehouse.rows(stream, ['id'])).toHaveLength(2);
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      const letters = (await readFile(path, 'utf8'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as object);
      expect(letters).toMatchObject([
        { stream, property: 'id', record: { id: 'x' } },
        { stream, property: 'id', record: {}, reason: expect.stringContaining('missing') },
      ]);
      expect(log).toContainEqual({ message: 'records.refused', fields: { records: 2 } });
    });

    test('beyond the limit the load fails, with the last reason', async () => {
      const stream = 'overflowing';
      const path = join(directory, 'full.jsonl');
      const bad = ['{"id":"x"}', '{"id":"y"}'].map((text) => record(stream, text));
      expect(
        await failureOf([users(stream), ...bad], { deadLetters: { path, limit: 1 } }),
      ).toContain(
        `More than 1 records were refused; the others are in ${path}. The last one: Stream ${stream}: record {"id":"y"}: property id`,
      );
    });

    test('a bad row of a slice fails the slice', async () => {
      const path = join(directory, 'none.jsonl');
      const bad = '{"account_id":"a","execution_id":"e","row_number":"x"}';
      expect(
        await failureOf([schemaMessage(CLICKS), record('dsp_clicks', bad)], {
          deadLetters: { path, limit: 100 },
        }),
      ).toContain(
        'Stream dsp_clicks: record {"execution_id":"e","row_number":"x"}: property row_number',
      );
    });
  });

  describe('state', () => {
    test('the newest state is passed on once what came before it is committed, not each one', async () => {
      const stream = 'stated';
      const lines = [users(stream)];
      for (let id = 0; id < 50; id += 1) lines.push(record(stream, `{"id":${id}}`), state({ id }));
      const { states } = await succeed(lines, {
        drain: { maxRows: 20, maxBytes: 1e9, maxAgeMs: 60_000 },
      });
      expect(states).toEqual([{ id: 18 }, { id: 38 }, { id: 49 }]);
    });

    test('a failure passes nothing on that is not committed', async () => {
      const stream = 'failing';
      const [first, second] = [record(stream, '{"id":1}'), record(stream, '{"id":2}')];
      const { states } = await load([users(stream), first, state(1), second, 'broken']);
      expect(states).toEqual([]);
      expect(await warehouse.rows(stream, ['id'])).toEqual([]);
    });

    test('no state is invented', async () => {
      const stream = 'stateless';
      expect((await succeed([users(stream), record(stream, '{"id":1}')])).states).toEqual([]);
    });

    test('a silent tap does not hold back what it has sent', async () => {
      const stream = 'silent';
      const states: unknown[] = [];
      const { promise: ended, resolve: end } = Promise.withResolvers<void>();
      const loading = warehouse.loadMessages(
        (async function* source() {
          const lines = [users(stream), record(stream, '{"id":1}'), state(1)];
          yield Buffer.from(`${lines.join('\n')}\n`);
          await ended;
        })(),
        {
          rules: { drain: { maxRows: 1e9, maxBytes: 1e9, maxAgeMs: 100 } },
          emitState: async (value) => void states.push(value),
        },
      );
      await expect.poll(() => states, { timeout: 60_000 }).toEqual([1]);
      expect(await warehouse.rows(stream, ['id'])).toHaveLength(1);
      end();
      await loading;
    });

    test('asked to stop, it commits what has arrived and passes the state on', async () => {
      const stream = 'stopped';
      const states: unknown[] = [];
      const stop = new AbortController();
      await warehouse.loadMessages(
        (async function* source() {
          const [first, second] = [record(stream, '{"id":1}'), record(stream, '{"id":2}')];
          yield Buffer.from(`${[users(stream), first, state(1), second].join('\n')}\n`);
          stop.abort();
          await new Promise(() => {});
        })(),
        { signal: stop.signal, emitState: async (value) => void states.push(value) },
      );
      expect(states).toEqual([1]);
      expect(await warehouse.rows(stream, ['id'])).toHaveLength(2);
    });
  });
}
