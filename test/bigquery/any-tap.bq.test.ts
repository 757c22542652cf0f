import type { LoadRules } from '@traffic-events/warehouse/bigquery';
import { hasEmulator, loadLines, testDataset } from '@traffic-events/warehouse/bigquery/testing';
import type { TestDataset } from '@traffic-events/warehouse/bigquery/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isThorough } from '../reporting/thorough.ts';

const schema = (stream: string, properties: object, keys: readonly string[] = []) =>
  JSON.stringify({ type: 'SCHEMA', stream, schema: { properties }, key_properties: keys });
const record = (stream: string, text: string, more = '') =>
  `{"type":"RECORD","stream":"${stream}","record":${text}${more}}`;

const wide = (format: string) => schema('wide', { n: { type: 'string', format } });

describe.runIf(isThorough && hasEmulator())('messages of any tap into BigQuery', () => {
  let dataset: TestDataset;
  beforeAll(() => {
    dataset = testDataset();
  });
  afterAll(() => dataset.drop());

  const load = (lines: readonly string[], rules: Partial<LoadRules> = {}) =>
    loadLines(lines, { connection: dataset.settings, rules });

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

  test('the label of a table whose key was left is written once', async () => {
    const without = schema('unkeyed', { id: { type: 'integer' } });
    await load([schema('unkeyed', { id: { type: 'integer' } }, ['id'])]);
    const table = dataset.connection.dataset.table('unkeyed');
    await load([without]);
    const [left] = await table.getMetadata();
    await load([without]);
    expect(left.labels).toEqual({ traffic_events_key: 'none' });
    expect((await table.getMetadata())[0].etag).toBe(left.etag);
  });

  test('what BigQuery cannot widen says so', async () => {
    await load([wide('date')]);
    const { failure } = await load([wide('date-time')]);
    expect(String(failure)).toContain(
      'column n of table wide is DATE, but its property is now TIMESTAMP, and BigQuery cannot make it hold both',
    );
  });
});
