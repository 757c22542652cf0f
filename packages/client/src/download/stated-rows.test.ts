import { expect, it } from 'vitest';

import { statedRows } from './stated-rows.ts';

it.each<[unknown, number | undefined]>([
  [{ rowCount: 43 }, 43],
  [{ row_count: '43', sqlQuery: 'SELECT 1' }, 43],
  [{ totalRows: 0 }, 0],
  [{ numberOfRecords: 7 }, 7],
  [{ records_written: 7 }, 7],
  [{ workflowExecution: { rows: 7 } }, 7],
  [{ rowCount: 43, metadata: { totalRowCount: 43 } }, 43],
  [{ rowCount: 43, output: { rows: 44 } }, undefined],
  [{ rowCount: -1 }, undefined],
  [{ rowCount: 1.5 }, undefined],
  [{ rowCount: null, rows: [1, 2] }, undefined],
  [{ rowCount: '9'.repeat(30) }, undefined],
  [{ parameterValues: { rows: 5 } }, undefined],
  [{ throwRows: 5, rowsPerFile: 5 }, undefined],
  [{ status: 'SUCCEEDED' }, undefined],
  [[43], undefined],
  [43, undefined],
])('the rows that metadata states: %j', (metadata, rows) => {
  expect(statedRows(JSON.stringify(metadata))).toBe(rows);
});

it('text that is no JSON states nothing', () => {
  expect(statedRows('rowCount: 43')).toBeUndefined();
  expect(statedRows('')).toBeUndefined();
});
