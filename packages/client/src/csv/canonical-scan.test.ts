import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { CsvFormatError } from '../errors/csv-format-error.ts';
import { canonicalLines, scanCanonicalCsv } from './canonical-scan.ts';
import type { CanonicalScan, PickedCell } from './canonical-scan.ts';

const columns = [
  { name: 'campaign', type: 'STRING' },
  { name: 'clicks', type: 'LONG' },
  { name: 'cost', type: 'DECIMAL' },
  { name: 'filtered', type: 'BOOLEAN' },
] as const;
const HEADER = 'campaign,clicks,cost,filtered\n';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'canonical-scan-'));
});

afterAll(() => rm(directory, { recursive: true }));

async function filesOf(contents: readonly (string | Buffer)[]): Promise<{ path: string }[]> {
  return Promise.all(
    contents.map(async (content, index) => {
      const file = path.join(directory, `${index}.csv`);
      await writeFile(file, content);
      return { path: file };
    }),
  );
}

interface Scanned {
  readonly scan: CanonicalScan | undefined;
  readonly rows: readonly (readonly PickedCell[])[];
  readonly lines: string;
}

async function scanned(...contents: readonly (string | Buffer)[]): Promise<Scanned> {
  const files = await filesOf(contents);
  const rows: PickedCell[][] = [];
  const scan = await scanCanonicalCsv(files, {
    columns,
    picked: [3, 1, 2, 0],
    visit: (cells) => rows.push([...cells]),
  });
  let lines = '';
  for await (const piece of canonicalLines(files)) lines += piece.toString();
  return { scan, rows, lines };
}

describe('a scan of canonical files', () => {
  it('leaves to the reader what has its header again, or in the first part alone', async () => {
    const texts = [
      { name: 'a', type: 'STRING' },
      { name: 'b', type: 'STRING' },
    ] as const;
    const scanOf = async (...contents: readonly string[]) =>
      scanCanonicalCsv(await filesOf(contents), { columns: texts, picked: [], visit: () => {} });
    expect(await scanOf('a,b\n1,x\n', '', 'a,b\na,bc\n')).toMatchObject({ rowCount: 2 });
    expect(await scanOf('a,b\n1,x\na,b\n2,y\n')).toBeUndefined();
    expect(await scanOf('a,b\n1,x\n\uFEFFa,b')).toBeUndefined();
    expect(await scanOf('a,b\n1,x\n', '2,y\n')).toBeUndefined();
    expect(await scanOf('a,b\n1,x\n', 'b,a\ny,2\n')).toBeUndefined();
  });

  it('gives the picked cells of each row, and the lines as they are', async () => {
    const text = 'a,5,0.5,false\n"b ""c"", d",-12,,true\n,"7",3,"false"\n';
    expect(await scanned(HEADER + text)).toEqual({
      scan: { order: [0, 1, 2, 3], rowCount: 3 },
      rows: [
        ['false', 5, '0.5', 'a'],
        ['true', '-12', null, 'b "c", d'],
        ['false', '7', '3', null],
      ],
      lines: text,
    });
  });

  it('gives integers as numbers only where these hold them exactly', async () => {
    const { rows } = await scanned(
      `${HEADER}a,999999999999999,1,true\na,123456789012345678,,true\n`,
    );
    expect(rows.map((cells) => cells[1])).toEqual([999_999_999_999_999, '123456789012345678']);
  });

  it('says in which order the files have the columns', async () => {
    const { scan } = await scanned('filtered,COST, campaign ,clicks\ntrue,1,a,5\n');
    expect(scan).toEqual({ order: [3, 2, 0, 1], rowCount: 1 });
  });

  it('takes several files, plain or gzip, with and without a last line end', async () => {
    const { scan, lines } = await scanned(`${HEADER}a,1,1,true`, gzipSync(`${HEADER}ü,2,2,true\n`));
    expect(scan?.rowCount).toBe(2);
    expect(lines).toBe('a,1,1,true\nü,2,2,true\n');
  });

  it('has no rows to give of a header alone', async () => {
    const { scan, lines } = await scanned(HEADER, HEADER.trimEnd());
    expect(scan).toEqual({ order: [0, 1, 2, 3], rowCount: 0 });
    expect(lines).toBe('');
  });
});

describe('a scan proves nothing', () => {
  it.each([
    ['a file without a header', ''],
    ['a byte order mark', `\uFEFF${HEADER}a,1,1,true\n`],
    ['a quoted header', '"campaign",clicks,cost,filtered\na,1,1,true\n'],
    ['a column that nobody wants', 'campaign,clicks,cost,filtered,more\na,1,1,true,2\n'],
    ['carriage returns', 'campaign,clicks,cost,filtered\r\na,1,1,true\r\n'],
    ['a carriage return at the end of a row', `${HEADER}a,1,1,true\r\n`],
    ['the word for NULL as a text', `${HEADER}NULL,1,1,true\n`],
    ['the word for NULL as a number', `${HEADER}a,NULL,1,true\n`],
    ['a quote inside an unquoted text', `${HEADER}a"b,1,1,true\n`],
    ['a backslash inside a quoted text', `${HEADER}"a\\b",1,1,true\n`],
    ['a line break inside a quoted text', `${HEADER}"a\nb",1,1,true\n`],
    ['U+0000 inside a text', `${HEADER}a\0b,1,1,true\n`],
    ['U+0000 inside a quoted text', `${HEADER}"a\0b",1,1,true\n`],
    ['text behind a closing quote', `${HEADER}"a"b,1,1,true\n`],
    ['a quote that never closes', `${HEADER}"a,1,1,true\n`],
    ['a leading zero', `${HEADER}a,01,1,true\n`],
    ['a plus', `${HEADER}a,+1,1,true\n`],
    ['a minus before a zero', `${HEADER}a,-0,1,true\n`],
    ['a blank around a number', `${HEADER}a, 1,1,true\n`],
    ['more digits than surely fit 64 bits', `${HEADER}a,1234567890123456789,1,true\n`],
    ['an exponent', `${HEADER}a,1,1e3,true\n`],
    ['a boolean in another notation', `${HEADER}a,1,1,TRUE\n`],
    ['a blank line', `${HEADER}a,1,1,true\n\n`],
    ['too few cells', `${HEADER}a,1,1\n`],
    ['too many cells', `${HEADER}a,1,1,true,\n`],
    ['bytes that are no UTF-8', Buffer.from(`${HEADER}\xe9,1,1,true\n`, 'latin1')],
  ])('of %s', async (_, content) => {
    expect((await scanned(content)).scan).toBeUndefined();
  });

  it('of files whose headers differ', async () => {
    const other = 'clicks,campaign,cost,filtered\n1,a,1,true\n';
    expect((await scanned(`${HEADER}a,1,1,true\n`, other)).scan).toBeUndefined();
  });

  it('of a single column, where a blank line may be a row', async () => {
    const files = await filesOf(['campaign\n\n']);
    const options = { columns: [columns[0]], picked: [], visit: () => {} };
    expect(await scanCanonicalCsv(files, options)).toBeUndefined();
  });
});

it('refuses files without one of the columns', async () => {
  await expect(scanned('campaign,clicks\na,1\n')).rejects.toThrow(CsvFormatError);
});
