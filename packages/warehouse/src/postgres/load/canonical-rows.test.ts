import { expect, test } from 'vitest';
import { CanonicalRows, canonicalColumns } from './canonical-rows.ts';
import { sliceResult } from '../../testing/slice-fixtures.ts';

const result = sliceResult({ executionId: 'e,1', rows: [] });
const canonical = { order: [3, 1, 0, 2], async *lines() {} };

test('what the API does not deliver comes before each line, and the line stays as it is', () => {
  const rows = new CanonicalRows(result);
  const prefix = 'DE:dsp:1234,DE,2026-01-05,"e,1",2026-01-09T06:20:00.000Z';
  const first = rows.next(Buffer.from('true,1,"ü ""x"", y",2\nfalse,,,\n'));
  expect(first.toString()).toBe(`${prefix},1,true,1,"ü ""x"", y",2\n${prefix},2,false,,,\n`);
  for (let row = 3; row < 1000; row += 1) rows.next(Buffer.from('x\n'));
  expect(rows.next(Buffer.from('x\n')).toString()).toBe(`${prefix},1000,x\n`);
});

test('memory is filled again only when it has been given back', () => {
  const rows = new CanonicalRows(result);
  const kept = rows.next(Buffer.from('a\n'));
  const next = rows.next(Buffer.from('b\n'));
  expect([kept.toString(), next.toString()].map((text) => text.at(-2))).toEqual(['a', 'b']);
  rows.reuse();
  expect(rows.next(Buffer.from('c\n')).buffer).toBe(next.buffer);
  const long = rows.next(Buffer.from(`${'d'.repeat(10_000)}\n`));
  expect(long.toString()).toContain(`,4,${'d'.repeat(10_000)}\n`);
});

test('columns stand in the order of the lines', () => {
  expect(canonicalColumns(result, canonical)).toEqual([
    'account_id',
    'marketplace',
    'event_date',
    'execution_id',
    'extracted_at',
    'row_number',
    'filtered',
    'campaign_id',
    'campaign',
    'clicks',
  ]);
});
