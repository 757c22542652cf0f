import { text } from 'node:stream/consumers';
import { wantedTable } from '../../tables/prepared-table.ts';
import { defineTable } from '../../tables/table-definition.ts';
import { CLICKS, sliceResult } from '../../testing/slice-fixtures.ts';
import type { SliceFixture } from '../../testing/slice-fixtures.ts';
import { expect, test } from 'vitest';
import { DataRefusedError } from '../../errors.ts';
import { BIGQUERY_NAMES } from '../tables/names.ts';
import { resultBytes } from './result-lines.ts';
import type { ResultRules } from './result-lines.ts';

const { properties } = CLICKS.schema as { properties: object };
const definition = defineTable(
  {
    ...CLICKS,
    schema: {
      ...CLICKS.schema,
      properties: {
        ...properties,
        share: { type: ['null', 'number'] },
        instant: { type: ['null', 'string'], format: 'date-time' },
      },
    },
  },
  { ...BIGQUERY_NAMES, numberMode: 'numeric' },
);
const table = wantedTable(definition, []);
const columns: NonNullable<SliceFixture['columns']> = [
  { name: 'campaign', type: 'STRING', role: 'dimension' },
  { name: 'share', type: 'DOUBLE', role: 'dimension' },
  { name: 'instant', type: 'TIMESTAMP', role: 'dimension' },
  { name: 'clicks', type: 'LONG', role: 'metric' },
  { name: 'filtered', type: 'BOOLEAN', role: 'discriminator' },
];

async function linesOf(rows: string[][], rules?: ResultRules): Promise<object[]> {
  const result = sliceResult({ executionId: 'e1', columns, rows });
  const lines = (await text(resultBytes([result], table, rules))).trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as object);
}

const rowOf = (campaign: string, share = '0.5', instant = '2026-01-01T00:00:00Z') => [
  campaign,
  share,
  instant,
  '1',
  'false',
];

test('U+0000 stays, or becomes what the rules say', async () => {
  const rows = [rowOf('a\u0000"b')];
  expect(await linesOf(rows)).toMatchObject([{ campaign: 'a\u0000"b' }]);
  expect(await linesOf(rows, { nulReplacement: '?' })).toMatchObject([{ campaign: 'a?"b' }]);
});

test('a number beyond BIGNUMERIC is refused by row, column and value', async () => {
  const most = `${'9'.repeat(38)}.5`;
  expect(await linesOf([rowOf('a', most), rowOf('b', '1e-300')])).toMatchObject([
    { share: most },
    { share: '1e-300' },
  ]);
  const refusal = linesOf([rowOf('a'), rowOf('b', '1e50')]);
  await expect(refusal).rejects.toThrow(DataRefusedError);
  await expect(refusal).rejects.toMatchObject({
    row: 2,
    message: 'column share: is "1e50", beyond the digits that BIGNUMERIC holds',
  });
});

test('instants are cut to the microseconds that BigQuery holds', async () => {
  expect(await linesOf([rowOf('a', '1', '2026-01-01T00:00:00.123456789Z')])).toMatchObject([
    { instant: '2026-01-01T00:00:00.123456Z' },
  ]);
});
