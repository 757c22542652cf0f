import { open } from 'node:fs/promises';

import type { CsvColumn } from '@traffic-events/client';

/** Columns of the file that the CSV readers are measured on: what a default stream delivers. */
export const CSV_COLUMNS: readonly CsvColumn[] = [
  { name: 'campaign_id', type: 'LONG' },
  { name: 'campaign', type: 'STRING' },
  { name: 'line_item_id', type: 'LONG' },
  { name: 'line_item', type: 'STRING' },
  { name: 'creative_id', type: 'LONG' },
  { name: 'creative', type: 'STRING' },
  { name: 'supply_source', type: 'STRING' },
  { name: 'entity_id', type: 'STRING' },
  { name: 'impression_date_utc', type: 'DATE' },
  { name: 'impression_dt_hour_utc', type: 'TIMESTAMP' },
  { name: 'impression_hour', type: 'INTEGER' },
  { name: 'filtered', type: 'BOOLEAN' },
  { name: 'impressions', type: 'LONG' },
  { name: 'clicks', type: 'LONG' },
  { name: 'impression_cost', type: 'LONG' },
  { name: 'rate', type: 'DECIMAL' },
];

/** Rows that are made; longer files repeat them. */
const DISTINCT_ROWS = 100_000;

/** Writes a result of `rows` rows, a multiple of 100,000, in the dialect that the API is thought to use. */
export async function writeCsvFile(path: string, rows: number): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.write(`${CSV_COLUMNS.map(({ name }) => name).join(',')}\n`);
    const block = Buffer.from(
      Array.from({ length: DISTINCT_ROWS }, (_, row) => line(row)).join(''),
    );
    for (let written = 0; written < rows; written += DISTINCT_ROWS) await file.write(block);
  } finally {
    await file.close();
  }
}

function line(row: number): string {
  const scatter = Math.imul(row, 2_654_435_761) >>> 0;
  const day = String(1 + (row % 28)).padStart(2, '0');
  const hour = String(row % 24).padStart(2, '0');
  return `${[
    `5${String(scatter).padStart(17, '7')}`,
    `Summer sale ${row % 40} | DE`,
    `58${String(row % 3_000).padStart(15, '3')}`,
    row % 50 === 0 ? `"Line, item ${row % 300}"` : `Line item ${row % 300}`,
    `57${String(row % 977).padStart(15, '1')}`,
    row % 200 === 0 ? `"The \\"big\\" one"` : `creative-${row % 977}`,
    `supply ${row % 17}`,
    `ENTITY${row % 9}A`,
    `2026-01-${day}`,
    `2026-01-${day}T${hour}:00:00.000Z`,
    row % 24,
    row % 31 === 0,
    scatter % 900,
    row % 7 === 0 ? '' : row % 3,
    scatter % 1_000_000,
    (scatter % 100_000) / 1_000,
  ].join(',')}\n`;
}
