import type { LoadRules } from '@traffic-events/warehouse/bigquery';
import { hasEmulator, loadLines, testDataset } from '@traffic-events/warehouse/bigquery/testing';
import type { TestDataset } from '@traffic-events/warehouse/bigquery/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const schema = (stream: string, properties: object, keys: readonly string[] = []) =>
  JSON.stringify({ type: 'SCHEMA', stream, schema: { properties }, key_properties: keys });
const record = (stream: string, text: string, more = '') =>
  `{"type":"RECORD","stream":"${stream}","record":${text}${more}}`;

const whole = (n: number) => [
  schema('whole', { n: { type: 'integer' } }),
  record('whole', `{"n":${n}}`),
  `{"type":"STATE","value":{"n":${n}}}`,
];
describe.skipIf(!hasEmulator())('messages of any tap into BigQuery', () => {
  let dataset: TestDataset;
  beforeAll(() => {
    dataset = testDataset();
  });
  afterAll(() => dataset.drop());

  const load = (lines: readonly string[], rules: Partial<LoadRules> = {}) =>
    loadLines(lines, { connection: dataset.settings, rules });
  /** Rows as JSON text, in which nothing has been through a number. */
  const rows = async (table: string, columns = '*') => {
    const found = await dataset.query<{ row: string }>(
      `SELECT TO_JSON_STRING(t) AS row FROM (SELECT ${columns} FROM \`{dataset}.${table}\`) AS t ORDER BY 1`,
    );
    return found.map(({ row }) => row);
  };

  test('integers, decimals, JSON and text arrive exactly', async () => {
    const properties = {
      id: { type: 'integer' },
      amount: { type: ['null', 'number'] },
      text: { type: ['null', 'string'] },
      data: { type: ['null', 'object'], properties: {} },
      at: { type: ['null', 'string'], format: 'date-time' },
    };
    const { failure } = await load([
      schema('exact', properties, ['id']),
      record(
        'exact',
        '{"id":9223372036854775807,"amount":12345678901234567890.123456789012345,"text":"","data":{"n":9007199254740993,"s":"a\\nb"},"at":"2026-01-31T06:00:00.1234567+02:00"}',
      ),
      record('exact', '{"id":-1,"amount":1e3,"text":"\\u0000","data":null,"at":"2026-01-31"}'),
    ]);
    expect(failure).toBeUndefined();
    const found = await dataset.query(
      `SELECT CAST(id AS STRING) AS id, CAST(amount AS STRING) AS amount, text, TO_JSON_STRING(data) AS data,
         FORMAT_TIMESTAMP('%FT%H:%M:%E6SZ', at, 'UTC') AS at FROM \`{dataset}.exact\` ORDER BY id`,
    );
    expect(found).toEqual([
      {
        id: '-1',
        amount: expect.stringMatching(/^1000(?:\.0+)?$/),
        text: '\u0000',
        data: 'null',
        at: '2026-01-31T00:00:00.000000Z',
      },
      {
        id: '9223372036854775807',
        amount: expect.stringMatching(/^12345678901234567890\.1234567890123450*$/),
        text: '',
        data: '{"n":9007199254740993,"s":"a\\nb"}',
        at: '2026-01-31T04:00:00.123456Z',
      },
    ]);
  });

  test('the last record of a key wins, also of a key that is NULL, and columns that go keep their values', async () => {
    const key = { a: { type: ['null', 'string'] }, b: { type: 'integer' } };
    const text = { type: ['null', 'string'] };
    await load([
      schema('keyed', { ...key, old: text }, ['a', 'b']),
      record('keyed', '{"a":null,"b":1,"old":"first"}'),
      record('keyed', '{"a":null,"b":1,"old":"second"}'),
      record('keyed', '{"a":"null","b":1,"old":"other"}'),
    ]);
    await load([
      schema('keyed', { ...key, fresh: text }, ['a', 'b']),
      record('keyed', '{"a":null,"b":1,"fresh":"third"}'),
    ]);
    expect(await rows('keyed', 'a, b, old, fresh')).toEqual([
      '{"a":"null","b":1,"old":"other","fresh":null}',
      '{"a":null,"b":1,"old":"second","fresh":"third"}',
    ]);
  });

  test('an integer column becomes exact decimals when its property does; what cannot be widened says so', async () => {
    await load([schema('wide', { n: { type: 'integer' } }), record('wide', '{"n":1}')]);
    const { failure } = await load([
      schema('wide', { n: { type: 'number' } }),
      record('wide', '{"n":2.5}'),
    ]);
    expect(failure).toBeUndefined();
    const sum = await dataset.query('SELECT CAST(SUM(n) AS FLOAT64) AS sum FROM `{dataset}.wide`');
    expect(sum).toEqual([{ sum: 3.5 }]);
    const refused = await load([schema('wide', { n: { type: 'boolean' } })]);
    expect(String(refused.failure)).toContain(
      'column n of table wide is BIGNUMERIC, but its property is now BOOLEAN',
    );
  });

  test('overwrite replaces a table as a whole, and passes the state on only then', async () => {
    await load(whole(1), { method: 'overwrite' });
    const { states } = await load(whole(2), { method: 'overwrite' });
    expect(states).toEqual([{ n: 2 }]);
    expect(await rows('whole')).toEqual(['{"n":2}']);
  });

  test('ACTIVATE_VERSION marks what older versions have left', async () => {
    const properties = { id: { type: 'integer' } };
    await load([
      schema('versions', properties, ['id']),
      record('versions', '{"id":1}', ',"version":1'),
      record('versions', '{"id":2}', ',"version":2'),
      '{"type":"ACTIVATE_VERSION","stream":"versions","version":2}',
    ]);
    expect(await rows('versions', 'id, _sdc_deleted_at IS NULL AS is_active')).toEqual([
      '{"id":1,"is_active":false}',
      '{"id":2,"is_active":true}',
    ]);
  });
});
