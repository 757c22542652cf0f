import { hasEmulator, loadLines, testDataset } from '@traffic-events/warehouse/bigquery/testing';
import type { TestDataset } from '@traffic-events/warehouse/bigquery/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isThorough } from '../reporting/thorough.ts';

const PROPERTIES = {
  at: { type: 'integer' },
  id: { type: ['null', 'integer'] },
  amount: { type: ['null', 'number'] },
  text: { type: ['null', 'string'] },
  flag: { type: ['null', 'boolean'] },
  day: { type: ['null', 'string'], format: 'date' },
  instant: { type: ['null', 'string'], format: 'date-time' },
  data: { type: ['null', 'object'] },
};
const ROWS = 300;

/** BigQuery's emulator holds 20 digits before the point and 18 behind it. */
const amount = fc
  .tuple(fc.bigInt({ min: -(10n ** 19n), max: 10n ** 19n }), fc.stringMatching(/^\d{1,18}$/))
  .map(([whole, fraction]) => `${whole}.${fraction}`);
const text = fc
  .oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', 'null', '\u0000', 'a\r\nb', '\\N', '"'))
  .filter((value) => value.isWellFormed());
const moment = fc
  .date({ noInvalidDate: true, min: new Date(0), max: new Date('2200-01-01') })
  .map((at) => at.toISOString());
const data = fc.dictionary(
  fc.stringMatching(/^[a-z ü]{1,5}$/),
  fc.oneof(
    fc.string(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.boolean(),
    fc.array(fc.string()),
  ),
);
const nullable = (value: fc.Arbitrary<string>) =>
  fc.oneof({ weight: 9, arbitrary: value }, { weight: 1, arbitrary: fc.constant('null') });
const record = fc.record({
  id: nullable(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)),
  amount: nullable(amount),
  text: nullable(text.map((value) => JSON.stringify(value))),
  flag: nullable(fc.boolean().map(String)),
  day: nullable(moment.map((at) => `"${at.slice(0, 10)}"`)),
  instant: nullable(moment.map((at) => `"${at}"`)),
  data: nullable(data.map(jsonOf)),
});

function jsonOf(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map(jsonOf).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([key, item]) => `${JSON.stringify(key)}:${jsonOf(item)}`,
  );
  return `{${members.join(',')}}`;
}

type Tokens = Readonly<Record<string, string>>;

/** Lines of one shape, or each of a shape of its own, so that none can be read without parsing it. */
function linesOf(stream: string, rows: readonly Tokens[], isShapeless: boolean): string[] {
  const schema = { properties: PROPERTIES };
  return [
    JSON.stringify({ type: 'SCHEMA', stream, schema, key_properties: [] }),
    ...rows.map((tokens, at) => {
      const all = { at: String(at), ...tokens, ...(isShapeless ? { [`odd_${at}`]: '1' } : {}) };
      const members = Object.entries(all).map(([key, token]) => `"${key}":${token}`);
      return `{"type":"RECORD","stream":"${stream}","record":{${members.join(',')}}}`;
    }),
  ];
}

describe.runIf(isThorough && hasEmulator())('records that are read from their lines', () => {
  let dataset: TestDataset;
  beforeAll(() => {
    dataset = testDataset();
  });
  afterAll(() => dataset.drop());

  const rowsOf = (table: string) =>
    dataset.query<Record<string, string | null>>(
      `SELECT CAST(id AS STRING) AS id, CAST(amount AS STRING) AS amount, text, CAST(flag AS STRING) AS flag,
         CAST(day AS STRING) AS day, FORMAT_TIMESTAMP('%FT%H:%M:%E6SZ', instant, 'UTC') AS instant,
         TO_JSON_STRING(data) AS data FROM \`{dataset}.${table}\` ORDER BY at`,
    );

  test('are in BigQuery what parsed ones are, and what the tap has sent', async () => {
    const rows: readonly Tokens[] = fc.sample(record, { numRuns: ROWS, seed: 53 });
    const lines = [...linesOf('shaped', rows, false), ...linesOf('shapeless', rows, true)];
    const { failure } = await loadLines(lines, { connection: dataset.settings });
    expect(failure).toBeUndefined();
    const shaped = await rowsOf('shaped');
    expect(shaped).toHaveLength(ROWS);
    expect(shaped).toEqual(await rowsOf('shapeless'));
    const sent = rows.map(({ id, text: token }) => ({
      id: id === 'null' ? null : id,
      text: JSON.parse(token ?? 'null') as string | null,
    }));
    expect(shaped.map(({ id, text: held }) => ({ id, text: held }))).toEqual(sent);
  });

  test('of nothing but nulls are rows too', async () => {
    const schema = { properties: { text: PROPERTIES.text } };
    const { failure } = await loadLines(
      [
        JSON.stringify({ type: 'SCHEMA', stream: 'nulls', schema, key_properties: [] }),
        ...['null', 'null', '""'].map(
          (token) => `{"type":"RECORD","stream":"nulls","record":{"text":${token}}}`,
        ),
      ],
      { connection: dataset.settings },
    );
    expect(failure).toBeUndefined();
    const counted = await dataset.query(
      'SELECT COUNT(*) AS held, COUNT(text) AS texts FROM `{dataset}.nulls`',
    );
    expect(counted).toEqual([{ held: 3, texts: 1 }]);
  });
});
