import { expect, test } from 'vitest';
import { demoJson, demoTable, type DemoResult } from './report.ts';

const result: DemoResult = {
  dates: ['2026-01-01', '2026-01-02'],
  warehouseDates: 2,
  apiDates: 1,
  rows: 12n,
  warehouse: { impressions: 1234n, clicks: 5n, cost: 250_000n },
  api: { impressions: 600n, clicks: 2n, cost: 100_000n },
  differences: [],
};

test('the table sets the warehouse beside the API', () => {
  const table = demoTable(result);
  expect(table).toContain('2 of 2');
  expect(table).toContain('1 of 2');
  expect(table).toContain('1,234');
  expect(table).toContain('€2.50');
  expect(table).toContain('on every one of the 2 dates (2026-01-01 to 2026-01-02)');
});

test('dates that differ are named', () => {
  expect(demoTable({ ...result, differences: ['2026-01-02'] })).toContain(
    'on 1 of 2 dates: 2026-01-02.',
  );
});

test('the JSON has the six figures', () => {
  expect(JSON.parse(demoJson({ ...result, differences: ['2026-01-02'] }))).toEqual({
    warehouse_dates: 2,
    api_dates: 1,
    rows: 12,
    impressions: 1234,
    clicks: 5,
    differences: 1,
  });
});
