import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { ColumnType } from '../data-sources/data-source.ts';
import { CsvCellError } from '../errors/csv-cell-error.ts';
import { readCsv } from './read-csv.ts';
import type { ReadCsvOptions } from './read-csv.ts';

let directory: string;
let files = 0;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'read-csv-'));
});

afterAll(() => rm(directory, { recursive: true }));

async function fileOf(content: string | Buffer): Promise<{ path: string }> {
  files += 1;
  const file = path.join(directory, `${files}.csv`);
  await writeFile(file, content);
  return { path: file };
}

const columnsOf = (...columns: readonly string[]) =>
  columns.map((column) => {
    const [name = '', type = 'STRING'] = column.split(':');
    return { name, type: type as ColumnType };
  });

async function rowsOf(
  parts: readonly (string | Buffer)[],
  options: ReadCsvOptions,
): Promise<(string | null)[][]> {
  const paths = await Promise.all(parts.map(fileOf));
  const rows = [];
  for await (const batch of readCsv(paths, options)) rows.push(...batch);
  return rows;
}

const read = (content: string | Buffer, ...columns: readonly string[]) =>
  rowsOf([content], { columns: columnsOf(...columns) });

describe('readCsv', () => {
  it('reads doubled quotes and backslash escapes, embedded delimiters and newlines', async () => {
    const content = String.raw`a,b
"say ""hi""",1
"say \"hi\"",2
"one, two",3
"line 1
line 2",4
"C:\\dir\\",5
plain \ text,6
`;
    expect(await read(content, 'a', 'b:LONG')).toStrictEqual([
      ['say "hi"', '1'],
      ['say "hi"', '2'],
      ['one, two', '3'],
      ['line 1\nline 2', '4'],
      ['C:\\dir\\', '5'],
      ['plain \\ text', '6'],
    ]);
  });

  it('finds out that backslashes mean nothing when only that makes sense of a row', async () => {
    const content = String.raw`a,b
"C:\",1
"\\server",2
"D:\",3
`;
    expect(await read(content, 'a', 'b:LONG')).toStrictEqual([
      ['C:\\', '1'],
      [String.raw`\\server`, '2'],
      ['D:\\', '3'],
    ]);
  });

  it('takes byte order mark, CRLF, blank lines and a missing last line end', async () => {
    expect(await read('\uFEFFa,b\r\n1,x\r\n\r\n2,"y"\r\n3,z', 'a:LONG', 'b')).toStrictEqual([
      ['1', 'x'],
      ['2', 'y'],
      ['3', 'z'],
    ]);
  });

  it('has no rows for zero bytes, a lone byte order mark, a header alone', async () => {
    for (const content of ['', '\uFEFF', '\n', 'a,b', 'a,b\n', 'a,b\r\n']) {
      expect(await read(content, 'a', 'b')).toStrictEqual([]);
    }
  });

  it('reads NULL as blank, as quoted blank and as the word, which quoted is text', async () => {
    const content = 'a,b\n,\n"",""\nNULL,NULL\n"NULL","NULL"\nnull,null\n';
    expect(await read(content, 'a', 'b:LONG')).toStrictEqual([
      [null, null],
      [null, null],
      [null, null],
      ['NULL', null],
      ['null', null],
    ]);
    const columns = columnsOf('a');
    expect(await rowsOf(['a\nNULL\n'], { columns, nullWord: null })).toStrictEqual([['NULL']]);
    expect(await rowsOf(['a\nn/a\n'], { columns, nullWord: 'n/a' })).toStrictEqual([[null]]);
  });

  it('reads a blank line as NULL where there is one column only', async () => {
    expect(await read('a\n1\n\n2\n', 'a:LONG')).toStrictEqual([['1'], [null], ['2']]);
  });

  it('gives booleans, dates and timestamps one form', async () => {
    const content = [
      'b,d,t',
      'TRUE,2026-01-31,2026-01-31T05:06:07Z',
      'true,1/2/2026,2026-01-31T05:06:07.123456789Z',
      '1,01/02/2026,2026-01-31 05:06:07',
      'False,12/31/2025,2026-01-31T01:00:00.5+02:00',
      '0,2024-02-29,1/31/2026 05:06:07.000',
    ].join('\n');
    expect(await read(content, 'b:BOOLEAN', 'd:DATE', 't:TIMESTAMP')).toStrictEqual([
      ['true', '2026-01-31', '2026-01-31T05:06:07Z'],
      ['true', '2026-01-02', '2026-01-31T05:06:07.123456789Z'],
      ['true', '2026-01-02', '2026-01-31T05:06:07Z'],
      ['false', '2025-12-31', '2026-01-30T23:00:00.5Z'],
      ['false', '2024-02-29', '2026-01-31T05:06:07.000Z'],
    ]);
  });

  it('keeps integers and decimals exact', async () => {
    const content = [
      'l,d',
      '9223372036854775807,123456789012345678901.12345678901234567',
      '-9223372036854775808,-0.00000000000000001',
      '577777777777777777,1E-7',
      '007,+1.50',
      '-0,1.5E+3',
    ].join('\n');
    expect(await read(content, 'l:LONG', 'd:DECIMAL')).toStrictEqual([
      ['9223372036854775807', '123456789012345678901.12345678901234567'],
      ['-9223372036854775808', '-0.00000000000000001'],
      ['577777777777777777', '0.0000001'],
      ['7', '1.50'],
      ['0', '1500'],
    ]);
  });

  it('orders columns as asked, by name in any letter case or alias, and leaves others out', async () => {
    const rows = await rowsOf(['IAS_Invalid,Extra,total_impressions_served\n1,x,2\n'], {
      columns: [
        {
          name: 'total_impression_served',
          type: 'LONG',
          aliases: ['total_impressions_served'],
        },
        { name: 'ias_invalid', type: 'LONG' },
      ],
    });
    expect(rows).toStrictEqual([['2', '1']]);
  });

  it('reads part files, plain and gzip, each with a header of its own', async () => {
    const parts = ['a,b\n1,x\n', gzipSync('b,a\ny,2\n'), '', 'a,b\n'];
    expect(await rowsOf(parts, { columns: columnsOf('a:LONG', 'b') })).toStrictEqual([
      ['1', 'x'],
      ['2', 'y'],
    ]);
  });

  it('reads parts that have their header in the first one alone', async () => {
    const columns = columnsOf('a:LONG', 'b');
    const rows = [
      ['1', 'x'],
      ['2', 'y'],
      ['3', 'a'],
      ['4', null],
    ];
    const last = gzipSync('a,3\r\n,4');
    for (const second of ['y,2\n', '\uFEFFy,2\n', '"y",2\r\n', '\n\ny,2\n', 'b,a\ny,2\n']) {
      const parts = ['', '\uFEFFb,a\nx,1\n', second, '', last];
      expect(await rowsOf(parts, { columns })).toStrictEqual(rows);
    }
    expect(await rowsOf(['a\n1\n', '\n2\n'], { columns: columnsOf('a:LONG') })).toStrictEqual([
      ['1'],
      [null],
      ['2'],
    ]);
  });

  it('tells of a wrong line in a part without a header', async () => {
    const parts = ['a,b\n1,x\n', '2,y\nz,y\n'];
    await expect(rowsOf(parts, { columns: columnsOf('a:LONG', 'b') })).rejects.toMatchObject({
      line: 2,
      column: 'a',
      value: 'z',
    });
  });

  it.each([
    ['a column is missing', 'a,b\n1,x\n', 'a\n1\n', 'has no column b'],
    ['a column has another name', 'a,b,c\n1,x,y\n', 'a,b,d\n1,x,y\n', 'has no column c'],
    ['there are more cells', 'a,b\n1,x\n', '1,x,y\n', 'has no column a, b'],
  ])('refuses a later part of which %s', async (_, first, second, message) => {
    const names = first.slice(0, first.indexOf('\n')).split(',');
    await expect(rowsOf([first, second], { columns: columnsOf(...names) })).rejects.toThrow(
      message,
    );
  });

  it('leaves out a header that stands again among the rows, and tells of it', async () => {
    let told = 0;
    const read = (part: string, ...columns: readonly string[]) =>
      rowsOf([part], {
        columns: columnsOf(...columns),
        onRepeatedHeader: () => {
          told += 1;
        },
      });
    const rows = [
      ['1', 'x'],
      ['2', 'y'],
    ];
    expect(await read('\uFEFFa,b\r\n1,x\r\n\uFEFFa,b\r\n2,y\r\na,b', 'a:LONG', 'b')).toStrictEqual(
      rows,
    );
    expect(await read('"b","a"\nx,1\n"b","a"\ny,2\n', 'a', 'b')).toStrictEqual(rows);
    expect(told).toBe(3);
    expect(await read('a,b\n1,x\na,bc\n', 'a', 'b')).toStrictEqual([
      ['1', 'x'],
      ['a', 'bc'],
    ]);
    expect(await read('a\na\n', 'a')).toStrictEqual([['a']]);
    expect(told).toBe(3);
  });

  it('reads gzip in several members, and gzip within gzip', async () => {
    const columns = columnsOf('a:LONG');
    const members = Buffer.concat([gzipSync('a\n1\n'), gzipSync('2\n'), Buffer.alloc(8)]);
    expect(await rowsOf([members], { columns })).toStrictEqual([['1'], ['2']]);
    const twice = gzipSync(gzipSync('a\n1\n'));
    expect(await rowsOf([twice, gzipSync('')], { columns })).toStrictEqual([['1']]);
  });

  it('reads rows that cross its buffers', async () => {
    const text = 'ä"\n'.repeat(20_000);
    const rows = Array.from({ length: 8 }, (_, row) => [String(row), text]);
    const content = `n,t\n${rows.map(([n, t]) => `${n},"${t!.replaceAll('"', '""')}"`).join('\n')}`;
    expect(await read(content, 'n:LONG', 't')).toStrictEqual(rows);
  });

  it('reads another delimiter', async () => {
    const options = { columns: columnsOf('a', 'b'), delimiter: '\t' };
    expect(await rowsOf(['a\tb\nx,y\tz\n'], options)).toStrictEqual([['x,y', 'z']]);
    await expect(rowsOf(['a'], { ...options, delimiter: '"' })).rejects.toThrow(
      'The delimiter is "\\""; use one character that is no quote, backslash or line break',
    );
  });
});

describe('readCsv refuses', () => {
  it.each([
    ['LONG', '12.0'],
    ['LONG', '9223372036854775808'],
    ['LONG', '1e3'],
    ['LONG', ' 1'],
    ['INTEGER', 'x'],
    ['DECIMAL', '1.2.3'],
    ['DECIMAL', '0.123456789012345678'],
    ['DECIMAL', `1${'0'.repeat(38)}`],
    ['DECIMAL', '-'],
    ['DOUBLE', 'NaN'],
    ['DOUBLE', 'Infinity'],
    ['DOUBLE', '1e400'],
    ['DOUBLE', `-${'9'.repeat(310)}`],
    ['BOOLEAN', 'yes'],
    ['DATE', '2026-02-29'],
    ['DATE', '31/12/2026'],
    ['DATE', '2026-1-1'],
    ['DATE', '0000-01-01'],
    ['DATE', '1/1/0000'],
    ['TIMESTAMP', '2026-01-01T24:00:00Z'],
    ['TIMESTAMP', '2026-01-01'],
    ['TIMESTAMP', '0000-01-01T00:00:00Z'],
    ['TIMESTAMP', '0001-01-01T00:30:00+01:00'],
    ['TIMESTAMP', '9999-12-31T23:30:00-01:00'],
    ['TIMESTAMP', '2026-01-01T00:00:00.1234567890Z'],
  ] as const)('a %s cell that is %s', async (type, value) => {
    await expect(read(`a,b\nx,${value}\n`, 'a', `b:${type}`)).rejects.toThrow(
      `column b: ${JSON.stringify(value.slice(0, 100))} is no ${type}; override the column's type if it is right`,
    );
  });

  it('a cell with file, line, column and value, counting lines inside quotes', async () => {
    const content = 'a,b\n"1\n2",3\n"x",y\n';
    const error = await read(content, 'a', 'b:LONG').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(CsvCellError);
    expect(error).toMatchObject({ code: 'csv_cell', line: 4, column: 'b', value: 'y' });
    expect((error as Error).message).toMatch(/\.csv, line 4, column b: "y" is no LONG/);
  });

  it('rows with more or fewer cells than the header', async () => {
    await expect(read('a,b\n1\n', 'a', 'b')).rejects.toThrow(
      /line 2 has 1 cells instead of 2; check the file’s dialect/,
    );
    await expect(read('a,b\n1,2\n1,2,3\n', 'a', 'b')).rejects.toThrow(
      /line 3 has more than 2 cells instead of 2/,
    );
  });

  it('text behind a closing quote and quotes that never close', async () => {
    await expect(read('a,b\n"x"y,2\n', 'a', 'b')).rejects.toThrow(
      /line 2 has "y,2\\n" behind a closing quote in column a/,
    );
    await expect(read('a,b\n"x,2\n', 'a', 'b')).rejects.toThrow(
      /line 2 has a quoted cell that never ends/,
    );
  });

  it('a header without a column that is asked for, or with it twice', async () => {
    await expect(read('a,c\n1,2\n', 'a', 'b')).rejects.toThrow(
      /has no column b; its header is a, c/,
    );
    await expect(read('a,A\n1,2\n', 'a')).rejects.toThrow(/has the column a twice/);
    const error = await read('\u0000x,'.repeat(1_000_000), 'a').catch((caught: unknown) => caught);
    expect((error as Error).message).toMatch(/^[^\p{Cc}]{1,1500}$/u);
  });

  it('gzip that is cut short and bytes that are no UTF-8', async () => {
    const cut = gzipSync(Buffer.alloc(100_000, 'a,b\n1,2\n')).subarray(0, 60);
    await expect(read(cut, 'a', 'b')).rejects.toThrow(
      /is no whole gzip file: unexpected end of file/,
    );
    const within = gzipSync(gzipSync('a,b\n1,2\n').subarray(0, 20));
    await expect(read(within, 'a', 'b')).rejects.toThrow(/is no whole gzip file/);
    const garbage = Buffer.concat([gzipSync('a,b\n1,2\n'), Buffer.from('3,4\n')]);
    await expect(read(garbage, 'a', 'b')).rejects.toThrow(/is no whole gzip file/);
    let layers = Buffer.from('a,b\n1,2\n');
    for (let layer = 0; layer < 4; layer += 1) layers = gzipSync(layers);
    await expect(read(layers, 'a', 'b')).rejects.toThrow(/is gzip more than 3 times over/);
    await expect(read(Buffer.from([0x61, 0x0a, 0xff, 0x0a]), 'a')).rejects.toThrow(/is not UTF-8/);
  });

  it('gzip that holds more than any result', async () => {
    const rows = Buffer.alloc(1_000_000, `1,${'x'.repeat(997)}\n`);
    const header = gzipSync('a,b\n');
    const bomb = Buffer.concat([header, ...Array<Buffer>(300).fill(gzipSync(rows))]);
    const columns = columnsOf('a:LONG', 'b');
    const { path: file } = await fileOf(bomb);
    let last = 0;
    const reading = async () => {
      for await (const batch of readCsv([{ path: file }], { columns })) last = batch.length;
    };
    await expect(reading()).rejects.toThrow(
      `${file} has ${bomb.length} bytes and unpacks to more than 268435456; it is no CSV of a result`,
    );
    expect(last).toBeGreaterThan(0);
    const line = gzipSync(Buffer.alloc(100_000_000));
    await expect(read(line, 'a')).rejects.toThrow(/has a line of over 67108864 bytes/);
  });
});
