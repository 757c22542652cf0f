import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';

import type { ColumnType } from '../data-sources/data-source.ts';
import { cells, dialects, writeCsv } from '../testing/csv-dialects.ts';
import { readCsv } from './read-csv.ts';

const types = Object.keys(cells) as ColumnType[];

const tables = fc
  .array(fc.constantFrom(...types), { minLength: 1, maxLength: 6 })
  .chain((columnTypes) =>
    fc.record({
      columns: fc.constant(columnTypes.map((type, index) => ({ name: `c${index}`, type }))),
      rows: fc.array(fc.tuple(...columnTypes.map((type) => fc.option(cells[type], { freq: 4 }))), {
        maxLength: 12,
      }),
    }),
  );

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'read-csv-'));
});

afterAll(() => rm(directory, { recursive: true }));

it('reads what any writer wrote, in every dialect', async () => {
  const file = path.join(directory, 'table.csv');
  await fc.assert(
    fc.asyncProperty(tables, dialects, async ({ columns, rows }, dialect) => {
      await writeFile(file, writeCsv(columns, rows, dialect));
      const { delimiter } = dialect;
      // Doubled quotes beside backslashes can mean two things; anything else is found out.
      const hasBackslash = rows.flat().some((cell) => cell?.includes('\\'));
      const escape = dialect.escape === 'doubled' && hasBackslash ? 'doubled' : 'auto';
      const read = [];
      for await (const batch of readCsv([{ path: file }], { columns, delimiter, escape })) {
        read.push(...batch);
      }
      expect(read).toStrictEqual(rows);
    }),
    { numRuns: 500 },
  );
});
