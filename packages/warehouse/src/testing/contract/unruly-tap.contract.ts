import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LoadRules } from '../../messages/load-rules.ts';
import type { MakeWarehouse, WarehouseUnderTest } from '../warehouse-under-test.ts';

const ID = { type: 'integer' };
const ANY = {};
const text = (more: object = {}) => ({ type: ['null', 'string'], ...more });
const schema = (stream: string, properties: object | string, keys: readonly string[] = ['id']) => {
  const written = typeof properties === 'string' ? properties : JSON.stringify(properties);
  return `{"type":"SCHEMA","stream":"${stream}","schema":{"properties":${written}},"key_properties":${JSON.stringify(keys)}}`;
};
/** `json` is text, so that a record may hold what JSON cannot say. */
const record = (stream: string, json: string, extra = '') =>
  `{"type":"RECORD","stream":"${stream}","record":${json}${extra}}`;
const activate = (stream: string, version: number) =>
  JSON.stringify({ type: 'ACTIVATE_VERSION', stream, version });
const batch = (stream: string, ...manifest: string[]) =>
  JSON.stringify({ type: 'BATCH', stream, encoding: { format: 'jsonl' }, manifest });
const users = (stream: string) => schema(stream, { id: ID, password: { type: 'integer' } });
const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

/** What every warehouse promises to taps that send what they should not. */
export function unrulyTapContract(make: MakeWarehouse): void {
  let warehouse: WarehouseUnderTest;
  let directory: string;
  beforeAll(async () => {
    warehouse = await make();
    directory = await mkdtemp(join(tmpdir(), 'unruly-tap-'));
  });
  afterAll(async () => {
    await warehouse.drop();
    await rm(directory, { recursive: true });
  });

  const load = (lines: readonly (string | Buffer)[], rules: Partial<LoadRules> = {}) => {
    const bytes = lines.flatMap((line) => [Buffer.from(line as string), Buffer.from('\n')]);
    return warehouse.load(Buffer.concat(bytes), rules);
  };
  const succeed = async (lines: readonly (string | Buffer)[], rules: Partial<LoadRules> = {}) => {
    const outcome = await load(lines, rules);
    expect(outcome.failure).toBeUndefined();
    return outcome;
  };
  const failureOf = async (lines: readonly (string | Buffer)[]) =>
    String((await load(lines)).failure);
  /** Loads with a dead-letter file. Answers what is in it. */
  const lettersOf = async (stream: string, lines: readonly (string | Buffer)[]) => {
    const path = join(directory, `${stream}.jsonl`);
    await succeed(lines, { deadLetters: { path, limit: 100 } });
    const letters = (await readFile(path, 'utf8').catch(() => '')).trim().split('\n');
    return letters.map((line) => JSON.parse(line) as { property: string; reason: string });
  };

  describe('names that every object of JavaScript has', () => {
    const NAMES = ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf'];

    test('are names like any other: of properties, of keys, of formats and of streams', async () => {
      const properties = NAMES.map((name) => `${JSON.stringify(name)}:{"type":["null","string"]}`);
      const written = `{"id":{"type":"integer"},"f":{"type":"string","format":"constructor"},${properties.join()}}`;
      const all = NAMES.map((name) => `${JSON.stringify(name)}:"${name}!"`);
      for (const hasRecordMetadata of [false, true]) {
        const stream = hasRecordMetadata ? 'toString' : 'constructor';
        await succeed(
          [
            schema(stream, written, ['id', '__proto__']),
            record(stream, '{"id":1,"f":"x","__proto__":null}'),
            record(stream, '{"id":2,"f":"x","__proto__":null}'),
            record(stream, `{"id":3,"f":"x",${all.join()}}`),
            JSON.stringify({ type: 'STATE', value: { bookmarks: {} } }),
          ],
          { hasRecordMetadata },
        );
        expect(await warehouse.rows(stream, ['id', ...NAMES])).toEqual([
          ['1', ...NAMES.map(() => null)],
          ['2', ...NAMES.map(() => null)],
          ['3', ...NAMES.map((name) => `${name}!`)],
        ]);
      }
    });

    test('are missing from a record, and from a schema, that does not have them', async () => {
      expect(await failureOf([schema('inherits', { id: ID }, ['constructor'])])).toContain(
        'key_properties names constructor, which the schema has no property for.',
      );
      const keyed = schema('keyed_so', '{"valueOf":{"type":"string"}}', ['valueOf']);
      expect(await failureOf([keyed, record('keyed_so', '{}')])).toContain(
        'property valueOf is one of its key_properties, but missing.',
      );
    });
  });

  describe('what is no JSON', () => {
    test('NaN and Infinity refuse their record by name, where they stand for themselves', async () => {
      const stream = 'not_a_number';
      const letters = await lettersOf(stream, [
        schema(stream, { id: ID, n: { type: ['null', 'number'] }, t: text(), j: ANY }),
        record(stream, '{"id":1,"n":1}'),
        record(stream, '{"id":2,"n":NaN}'),
        record(stream, '{"id":3,"n":2, "t": "NaN, -Infinity: \\" NaN"}'),
        record(stream, '{"id":4,"j":{"deep":[1,-Infinity]}}'),
        record(stream, '{"id":5,"n":Infinity,"t":"NaN"}'),
      ]);
      expect(letters).toMatchObject([
        {
          property: 'n',
          reason: `Stream ${stream}: record {"id":2}: property n is NaN, which is no number of JSON. Have the tap write null, or a text, in its place.`,
          line: record(stream, '{"id":2,"n":NaN}'),
        },
        {
          property: 'j',
          reason: expect.stringContaining('record {"id":4}: property j is -Infini'),
        },
        { property: 'n', reason: expect.stringContaining('record {"id":5}: property n is Infini') },
      ]);
      expect(await warehouse.rows(stream, ['id', 'n', 't'])).toEqual([
        ['1', '1', null],
        ['3', '2', 'NaN, -Infinity: " NaN'],
      ]);
    });

    test('half characters and bytes that are no UTF-8 refuse their record by name', async () => {
      const stream = 'half';
      const [before = '', after = ''] = record(stream, '{"id":4,"j":"a?"}').split('?');
      const bytes = Buffer.concat([Buffer.from(before), Buffer.from([0xff]), Buffer.from(after)]);
      const letters = await lettersOf(stream, [
        schema(stream, { id: ID, t: text(), j: ANY }),
        record(stream, '{"id":1,"t":"\\ud83d\\ude00 \\\\ud83d \ufffd","j":["\\ud83d\\ude00"]}'),
        record(stream, '{"id":2,"t":"a\\ud83d b"}'),
        record(stream, '{"id":3,"j":{"x\\udc00":1}}'),
        bytes,
        record(stream, '{"id":5,"j":{"x":"\\\\ud83d"}}'),
      ]);
      expect(letters).toMatchObject([
        {
          property: 't',
          reason: expect.stringContaining('record {"id":2}: property t holds half'),
        },
        {
          property: 'j',
          reason: expect.stringContaining('record {"id":3}: property j holds half'),
        },
        { property: 'j', reason: expect.stringContaining('{"id":4}: property j holds bytes that') },
      ]);
      expect(await warehouse.rows(stream, ['id', 't', 'j:json'])).toEqual([
        ['1', '\ud83d\ude00 \\ud83d \ufffd', '["\ud83d\ude00"]'],
        ['5', null, String.raw`{"x":"\\ud83d"}`],
      ]);
    });

    test('more levels than are taken refuse the record, however many there are', async () => {
      const stream = 'deep';
      const letters = await lettersOf(stream, [
        schema(stream, { id: ID, j: ANY }),
        record(stream, `{"id":1,"j":${nested(400)}}`),
        record(stream, `{"id":2,"j":${nested(501)}}`),
        record(stream, `{"id":3,"j":${nested(20_000)}}`),
        record(stream, `{"id":4,"j":[1e300,${nested(200_000)}]}`),
        record(stream, `{"id":5,"j":[${'0,'.repeat(1_000_001)}0]}`),
      ]);
      const limit = 'property j is nested deeper than 500 levels, which is the limit.';
      expect(letters.map(({ reason }) => reason.replace(/^.*: property/, 'property'))).toEqual([
        limit,
        limit,
        limit,
        'property j has a list of 1000002 items, of which 1000000 are the limit.',
      ]);
      expect((await warehouse.rows(stream, ['id'])).flat()).toEqual(['1']);
      const other = `{"type":"STATE","value":${nested(20_000)}}`;
      expect(await failureOf([other])).toContain('too large: value: is nested deeper than 500');
    });
  });

  test('names with half characters are refused', async () => {
    const half = '{"type":"SCHEMA","stream":"halves","key_properties":[],"schema":{"properties":{';
    const names = ['a\\udc00', 'a\\udc01'].map((name) => `"${name}":{"type":"string"}`);
    expect(await failureOf([`${half}${names.join()}}}}`])).toContain(
      'Stream halves: the name "a\\udc00" holds half of a character',
    );
    const stream = `${half}"a":{"type":"string"}}}}`.replace('"halves"', '"halves\\ud800"');
    expect(await failureOf([stream])).toContain(
      'the name "halves\\ud800" holds half of a character',
    );
  });

  describe('values that no warehouse holds', () => {
    const PROPERTIES = {
      id: ID,
      d: text({ format: 'date' }),
      at: text({ format: 'date-time' }),
      h: text({ format: 'time' }),
      n: { type: ['null', 'number'] },
    };
    const VALUES = [
      ['d', '"0000-01-01"'],
      ['at', '"0000-12-31T06:00:00Z"'],
      ['at', '"2024-01-01T24:30:00Z"'],
      ['at', '"2016-12-31T23:59:60.5Z"'],
      ['h', '"24:30:00"'],
      ['h', '"06:00:00+24:00"'],
      ['n', '1e200000'],
      ['n', '1e-20000'],
    ];

    test.each(['numeric', 'double'] as const)(
      'are refused by name before they are sent (numbers as %s)',
      async (numberMode) => {
        const stream = `unheld_${numberMode}`;
        const path = join(directory, `${stream}.jsonl`);
        const bad = [...VALUES, ...(numberMode === 'double' ? [['n', '1e400']] : [])];
        const { states } = await succeed(
          [
            schema(stream, PROPERTIES),
            record(stream, '{"id":0,"d":"0001-01-01","h":"23:59:59"}'),
            ...bad.map(([name, value], id) =>
              record(stream, `{"id":${id + 1},"${name}":${value}}`),
            ),
            '{"type":"STATE","value":1}',
          ],
          { numberMode, deadLetters: { path, limit: 100 } },
        );
        expect(states).toEqual([1]);
        expect((await warehouse.rows(stream, ['id'])).flat()).toEqual(['0']);
        const letters = (await readFile(path, 'utf8')).trim().split('\n');
        const told = letters.map(
          (line) => JSON.parse(line) as { property: string; reason: string },
        );
        expect(told.map(({ property }) => property)).toEqual(bad.map(([name]) => name));
        told.forEach(({ reason }, at) =>
          expect(reason).toContain(`Stream ${stream}: record {"id":${at + 1}}: property `),
        );
      },
    );

    test('a time with an offset is taken, as the same time in UTC', async () => {
      const stream = 'offsets';
      const times = ['06:00:00+02:00', '23:30:00.5-0130', '01:00:00Z', '01:00+05', '07:30:00'];
      await succeed([
        schema(stream, PROPERTIES),
        ...times.map((time, id) => record(stream, `{"id":${id},"h":"${time}"}`)),
      ]);
      const held = await warehouse.rows(stream, ['id', 'h']);
      expect(held.map(([, time]) => time)).toEqual([
        '04:00:00',
        '01:00:00.5',
        '01:00:00',
        '20:00:00',
        '07:30:00',
      ]);
    });
  });

  describe('schemas', () => {
    test('columns that every table has of its own are kept apart', async () => {
      const stream = 'systematic';
      const names = ['xmin', 'ctid', 'tableoid', '_PARTITIONTIME'];
      const properties = Object.fromEntries(names.map((name) => [name, text()]));
      const values = Object.fromEntries(names.map((name) => [name, `${name}!`]));
      await succeed([
        schema(stream, { id: ID, ...properties }),
        record(stream, JSON.stringify({ id: 1, ...values })),
      ]);
      const columns = Object.keys(await warehouse.typesOf(stream)).filter((name) => name !== 'id');
      const [row] = await warehouse.rows(stream, columns);
      expect(new Set(row)).toEqual(new Set(Object.values(values)));
    });

    test('patterns of Python are matched, and none can hang; what cannot be matched is told', async () => {
      const stream = 'patterns';
      const { log } = await succeed([
        schema(stream, {
          id: ID,
          a: text({ pattern: String.raw`^[0-9]{4}\-[0-9]{2}$` }),
          b: text({ pattern: String.raw`^(?P<y>\d{4})\Z` }),
          c: text({ pattern: '^(a+)+$' }),
          d: { properties: { e: text({ pattern: '(?=x)y' }) } },
        }),
        record(stream, '{"id":1,"a":"2024-01","b":"2024","c":"aaaa","d":{"e":"z"}}'),
      ]);
      expect(log).toContainEqual({
        message: 'pattern.unchecked',
        fields: { stream, property: 'd.e', pattern: '(?=x)y' },
      });
      const hung = record(stream, `{"id":2,"c":"${'a'.repeat(40)}b"}`);
      const pattern = schema(stream, { id: ID, c: text({ pattern: '^(a+)+$' }) });
      expect(await failureOf([pattern, hung])).toContain('property c does not match ^(a+)+$.');
    });

    test.each([
      ['null', 'property b is described by null, which is no schema.'],
      ['"string"', 'property b is described by "string", which is no schema.'],
      ['{"type":"strng"}', 'property b has the type "strng", which JSON Schema does not have.'],
      ['{"anyOf":[{"type":["null","int"]}]}', 'property b.anyOf has the type ["null","int"]'],
      ['{"type":[]}', 'property b has the type [], which JSON Schema does not have.'],
      ['{"items":3}', 'property b.items is described by 3, which is no schema.'],
      ['{"$ref":"#/properties/b"}', 'refers to "#/properties/b", which comes back to itself.'],
      [
        '{"$ref":"#/definitions/x"}',
        'refers to "#/definitions/x", which its SCHEMA does not have.',
      ],
      [
        '{"$ref":"https://u:secret@host/s.json?token=secret"}',
        'property b refers to "https://host/s.json", and nothing is fetched from elsewhere.',
      ],
    ])('a property described by %s is refused by name', async (described, problem) => {
      const failure = await failureOf([schema('described', `{"id":{},"b":${described}}`)]);
      expect(failure).toContain('Stream described: ');
      expect(failure).toContain(problem);
      expect(failure).not.toContain('secret');
    });

    test('a schema that is none is refused by its stream', async () => {
      const none = '{"type":"SCHEMA","stream":"s","schema":null,"key_properties":[]}';
      expect(await failureOf([none])).toContain('of stream s has no object "schema"');
      expect(await failureOf([schema('s', '"x"')])).toContain('has properties that are "x"');
    });

    test('a reference inside the SCHEMA is what it refers to', async () => {
      const stream = 'referring';
      const described = { properties: { id: ID, at: { $ref: '#/definitions/a~1t' } } };
      const definitions = { 'a/t': { $ref: '#/definitions/when' }, when: text({ format: 'date' }) };
      await succeed([
        JSON.stringify({
          type: 'SCHEMA',
          stream,
          schema: { ...described, definitions },
          key_properties: ['id'],
        }),
        record(stream, '{"id":1,"at":"2026-01-31"}'),
      ]);
      expect(await warehouse.typesOf(stream)).toMatchObject({ at: warehouse.types.date });
    });
  });

  describe('files of BATCH', () => {
    const SECRET = 'hunter2';
    /** Makes a folder with files, and one beside it, with a secret, that a link leads to. */
    const folderOf = async (stream: string, files: Readonly<Record<string, string>>) => {
      const folder = join(directory, stream);
      const outside = join(directory, `${stream}-outside`);
      await mkdir(folder);
      await mkdir(outside);
      for (const [name, content] of Object.entries(files)) {
        await writeFile(join(folder, name), content);
      }
      await writeFile(join(outside, 'secret'), `{"id":2,"password":"${SECRET}"}\n`);
      await symlink(join(outside, 'secret'), join(folder, 'link'));
      return { folder, outside };
    };

    test('are read in the folder of the first, or in those that are allowed, and behind no link out', async () => {
      const stream = 'batched';
      const { folder, outside } = await folderOf(stream, { a: '{"id":1}\n', b: '{"id":3}\n' });
      const [a, b, link] = ['a', 'b', 'link'].map((name) => join(folder, name));
      const secret = join(outside, 'secret');
      await succeed([users(stream), batch(stream, a!, b!)]);
      expect((await warehouse.rows(stream, ['id'])).flat()).toEqual(['1', '3']);
      for (const manifest of [[a!, link!], [a!, secret], [join(folder, '..', 'x', '..', stream)]]) {
        const failure = await failureOf([users(stream), batch(stream, ...manifest)]);
        expect(failure).toContain(`Stream ${stream}: BATCH file `);
        expect(failure).not.toContain(SECRET);
      }
      const rules = { batchFolders: [outside] };
      const { failure } = await load([users(stream), batch(stream, a!)], rules);
      expect(String(failure)).toContain(`is not in a folder that may be read (${outside})`);
      const missing = await failureOf([users(stream), batch(stream, join(folder, 'none'))]);
      expect(missing).toContain(`${stream}/none cannot be read (ENOENT)`);
    });

    test('are never quoted, whatever a tap asks of them', async () => {
      const stream = 'unquoted';
      const { folder, outside } = await folderOf(stream, { text: `\n${SECRET} is no JSON\n` });
      const [plain, secret] = [join(folder, 'text'), join(outside, 'secret')];
      expect(await failureOf([users(stream), batch(stream, plain)])).toMatch(
        /^RecordError: Stream unquoted: record 1 of BATCH file \S+\/text: is no JSON object\.$/,
      );
      const failures = [
        [users(stream), batch(stream, secret)],
        [
          schema(stream, { password: ANY, key: text() }, ['password', 'key']),
          batch(stream, secret),
        ],
      ];
      for (const lines of failures) {
        const failure = await failureOf(lines);
        expect(failure).toMatch(/: record 1 of BATCH file \S+\/secret: property \w+ is not as its/);
        expect(failure).not.toContain(SECRET);
      }
    });

    test('have lines of the length that messages have', async () => {
      const stream = 'overlong';
      const { folder } = await folderOf(stream, { long: `{"id":1,"t":"${'x'.repeat(5000)}"}\n` });
      const lines = [users(stream), batch(stream, join(folder, 'long'))];
      const source = (async function* source() {
        yield Buffer.from(`${lines.join('\n')}\n`);
      })();
      const loading = warehouse.loadMessages(source, {
        maxLineBytes: 4000,
        emitState: async () => {},
      });
      await expect(loading).rejects.toThrow(
        /Stream overlong: BATCH file \S+long has a line of more than 4000 bytes\. Raise max_line_bytes/,
      );
    });

    test('are named where they break off, and an address without what is secret in it', async () => {
      const stream = 'broken_off';
      const { folder } = await folderOf(stream, { plain: '{"id":1}\n' });
      const whole = gzipSync('{"id":1}\n'.repeat(1000));
      await writeFile(join(folder, 'cut'), whole.subarray(0, whole.length - 9));
      for (const name of ['plain', 'cut']) {
        const lines = [users(stream), batch(stream, join(folder, name))];
        const zipped = lines.map((line) => line.replace('"jsonl"', '"jsonl","compression":"gzip"'));
        expect(await failureOf(zipped)).toMatch(
          new RegExp(`: Stream broken_off: BATCH file \\S+/${name} is no whole gzip file \\(Z_`),
        );
      }
      const failure = await failureOf([
        users(stream),
        batch(stream, `https://user:${SECRET}@host/file?signature=${SECRET}`),
      ]);
      expect(failure).toContain('BATCH file https://host/file is not on this machine.');
    });
  });

  describe('ACTIVATE_VERSION', () => {
    const properties = { id: ID };

    test('before the SCHEMA is noted, and the load goes on', async () => {
      const stream = 'activated_before';
      const { log } = await succeed([
        activate(stream, 7),
        schema(stream, properties),
        record(stream, '{"id":1}'),
      ]);
      expect(log).toContainEqual({
        message: 'version.before_schema',
        fields: { stream, version: 7 },
      });
      expect(await warehouse.rows(stream, ['id'])).toEqual([['1']]);
    });

    test.each([false, true])(
      'never ends rows of its own run, which had no version (declared by the tap: %s)',
      async (isDeclared) => {
        const stream = `unversioned_${isDeclared}`;
        const own = isDeclared ? { _sdc_table_version: { type: ['null', 'integer'] } } : {};
        const { log } = await succeed(
          [
            schema(stream, { ...properties, ...own }),
            record(stream, '{"id":1}'),
            record(stream, '{"id":2}'),
            activate(stream, 170),
          ],
          { isHardDelete: true },
        );
        expect(log).toContainEqual({
          message: 'version.not_activated',
          fields: { stream, version: 170 },
        });
        expect(await warehouse.rows(stream, ['id'])).toEqual([['1'], ['2']]);
      },
    );
  });
}
