import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';

import type { ColumnType } from '../data-sources/data-source.ts';
import type { CsvColumn } from './csv-columns.ts';
import { readCsv } from './read-csv.ts';

interface Dialect {
  readonly escape: 'backslash' | 'doubled';
  readonly lineEnd: '\n' | '\r\n';
  readonly delimiter: ',' | ';' | '\t' | '|';
  readonly quoteAll: boolean;
  readonly nullForm: '' | 'NULL';
  readonly booleans: 'true' | 'TRUE' | '1';
  readonly dates: 'iso' | 'us';
  readonly timestamps: 'zoned' | 'space' | 'bare';
  readonly bom: boolean;
  readonly lastLineEnd: boolean;
  readonly gzip: boolean;
}

const dialects: fc.Arbitrary<Dialect> = fc.record({
  escape: fc.constantFrom('backslash', 'doubled'),
  lineEnd: fc.constantFrom('\n', '\r\n'),
  delimiter: fc.constantFrom(',', ';', '\t', '|'),
  quoteAll: fc.boolean(),
  nullForm: fc.constantFrom('', 'NULL'),
  booleans: fc.constantFrom('true', 'TRUE', '1'),
  dates: fc.constantFrom('iso', 'us'),
  timestamps: fc.constantFrom('zoned', 'space', 'bare'),
  bom: fc.boolean(),
  lastLineEnd: fc.boolean(),
  gzip: fc.boolean(),
});

const digits = (minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...Array.from('0123456789')), minLength, maxLength });
const two = (min: number, max: number) =>
  fc.integer({ min, max }).map((number) => String(number).padStart(2, '0'));

const date = fc
  .tuple(fc.integer({ min: 1970, max: 2099 }), two(1, 12), two(1, 28))
  .map((parts) => parts.join('-'));

/** Canonical cells by type: what the reader must give back. */
const cells: Readonly<Record<ColumnType, fc.Arbitrary<string>>> = {
  STRING: fc
    .string({
      unit: fc.oneof(
        fc.constantFrom(...Array.from('"\\,;|\t\n\r aé漢😀\'NUL')),
        fc.string({ minLength: 1, maxLength: 1 }),
      ),
      minLength: 1,
      maxLength: 12,
    })
    .filter((text) => !text.includes('\uFEFF')),
  LONG: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  INTEGER: fc.integer().map(String),
  DECIMAL: fc
    .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 21n - 1n }), digits(0, 17))
    .map(([negative, whole, fraction]) => {
      const text = fraction === '' ? String(whole) : `${whole}.${fraction}`;
      return negative && /[1-9]/.test(text) ? `-${text}` : text;
    }),
  DOUBLE: fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => String(number + 0)),
  BOOLEAN: fc.constantFrom('true', 'false'),
  DATE: date,
  TIMESTAMP: fc
    .tuple(date, two(0, 23), two(0, 59), two(0, 59), digits(0, 9))
    .map(([day, hour, minute, second, fraction]) => {
      const part = fraction === '' ? '' : `.${fraction}`;
      return `${day}T${hour}:${minute}:${second}${part}Z`;
    }),
};

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

function writeCell(cell: string | null, type: ColumnType, dialect: Dialect): string {
  if (cell === null) return dialect.nullForm;
  const text = inDialect(cell, type, dialect);
  const mustQuote =
    dialect.quoteAll ||
    text === 'NULL' ||
    text.startsWith('"') ||
    [dialect.delimiter, '\n', '\r'].some((mark) => text.includes(mark));
  if (!mustQuote) return text;
  return dialect.escape === 'doubled'
    ? `"${text.replaceAll('"', '""')}"`
    : `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}

function inDialect(cell: string, type: ColumnType, dialect: Dialect): string {
  if (type === 'BOOLEAN') {
    if (dialect.booleans === '1') return cell === 'true' ? '1' : '0';
    return dialect.booleans === 'TRUE' ? cell.toUpperCase() : cell;
  }
  if (type === 'DATE' && dialect.dates === 'us') {
    const [year, month, day] = cell.split('-').map(Number);
    return `${month}/${day}/${year}`;
  }
  if (type === 'TIMESTAMP' && dialect.timestamps !== 'zoned') {
    const bare = cell.slice(0, -1);
    return dialect.timestamps === 'space' ? bare.replace('T', ' ') : bare;
  }
  return cell;
}

function writeCsv(
  columns: readonly CsvColumn[],
  rows: readonly (readonly (string | null)[])[],
  dialect: Dialect,
): Buffer {
  const lines = [
    columns.map(({ name }) => name).join(dialect.delimiter),
    ...rows.map((row) =>
      row
        .map((cell, index) => writeCell(cell, columns[index]!.type, dialect))
        .join(dialect.delimiter),
    ),
  ];
  // A lone blank at the end is a NULL only if a line end says that the row is one.
  const ended = dialect.lastLineEnd || lines.at(-1) === '';
  const text = lines.join(dialect.lineEnd) + (ended ? dialect.lineEnd : '');
  const bytes = Buffer.from(`${dialect.bom ? '\uFEFF' : ''}${text}`);
  return dialect.gzip ? gzipSync(bytes) : bytes;
}

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
