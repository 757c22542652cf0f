import { gzipSync } from 'node:zlib';

import fc from 'fast-check';

import type { CsvColumn } from '../csv/csv-columns.ts';
import type { ColumnType } from '../data-sources/data-source.ts';

/** How a writer of CSV may differ from another. */
export interface CsvDialect {
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

export const dialects: fc.Arbitrary<CsvDialect> = fc.record({
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
export const cells: Readonly<Record<ColumnType, fc.Arbitrary<string>>> = {
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

function writeCell(cell: string | null, type: ColumnType, dialect: CsvDialect): string {
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

function inDialect(cell: string, type: ColumnType, dialect: CsvDialect): string {
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

/** A file of these rows of canonical cells. */
export function writeCsv(
  columns: readonly CsvColumn[],
  rows: readonly (readonly (string | null)[])[],
  dialect: CsvDialect,
): Buffer {
  const lines = [
    columns.map(({ name }) => name).join(dialect.delimiter),
    ...rows.map((row) =>
      row
        .map((cell, index) => writeCell(cell, columns[index]?.type ?? 'STRING', dialect))
        .join(dialect.delimiter),
    ),
  ];
  // A lone blank at the end is a NULL only if a line end says that the row is one.
  const ended = dialect.lastLineEnd || lines.at(-1) === '';
  const text = lines.join(dialect.lineEnd) + (ended ? dialect.lineEnd : '');
  const bytes = Buffer.from(`${dialect.bom ? '\uFEFF' : ''}${text}`);
  return dialect.gzip ? gzipSync(bytes) : bytes;
}
