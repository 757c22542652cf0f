import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { mergedCsv } from './merged-csv.ts';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'merged-csv-'));
});

afterAll(() => rm(directory, { recursive: true }));

async function merged(...contents: readonly (string | Buffer)[]): Promise<string> {
  const files = await Promise.all(
    contents.map(async (content, index) => {
      const file = path.join(directory, `${index}.csv`);
      await writeFile(file, content);
      return { path: file };
    }),
  );
  const pieces: Uint8Array[] = [];
  for await (const piece of mergedCsv(files)) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

it.each<[string, (string | Buffer)[], string]>([
  ['one part as it is', ['\uFEFFa,b\r\n1,"x ""y"""\r\n'], '\uFEFFa,b\r\n1,"x ""y"""\r\n'],
  ['a header a part', ['a,b\n1,x\n', 'a,b\n2,y\n', 'a,b\n'], 'a,b\n1,x\n2,y\n'],
  ['byte order marks', ['\uFEFFa,b\n1,x\n', '\uFEFFa,b\n2,y\n'], '\uFEFFa,b\n1,x\n2,y\n'],
  ['no line end', ['a,b\n1,x', 'a,b\n2,y', 'a,b', 'a,b\n3,z'], 'a,b\n1,x\n2,y\n3,z'],
  ['gzip', [gzipSync('a,b\n1,x\n'), gzipSync(gzipSync('a,b\n2,y\n'))], 'a,b\n1,x\n2,y\n'],
  ['parts without bytes', ['', 'a,b\n1,x\n', '', 'a,b\n2,y\n'], 'a,b\n1,x\n2,y\n'],
  [
    'a header in the first part alone',
    ['a,b\n1,x\n', '2,y\n', '\uFEFF3,z\n'],
    'a,b\n1,x\n2,y\n3,z\n',
  ],
  ['headers among rows', ['a,b\n1,x\n\uFEFFa,b\n2,y\na,b'], 'a,b\n1,x\n2,y\n'],
  ['rows that only look like it', ['a,b\na,bc\nxa,b\n1,"a,b"\n'], 'a,b\na,bc\nxa,b\n1,"a,b"\n'],
  ['one column that holds its name', ['a\na\n', 'a\nb\n'], 'a\na\nb\n'],
  ['quoted names', ['"a","b ""c"""\n1,2\n', '"a","b ""c"""\n3,4\n'], '"a","b ""c"""\n1,2\n3,4\n'],
  [
    'another order of columns',
    ['a,b\n1,"x, ""y"""\n', 'b,a\n"line 1\nline 2",2\n,3\nNULL,4\n'],
    'a,b\n1,"x, ""y"""\n2,"line 1\nline 2"\n3,\n4,NULL\n',
  ],
  ['no part', [], ''],
  ['nothing but a header', ['a,b\n', 'a,b\n'], 'a,b\n'],
])('makes one CSV of %s', async (_, parts, whole) => {
  expect(await merged(...parts)).toBe(whole);
});

it('keeps the bytes of long parts', async () => {
  const rows = Array.from({ length: 50_000 }, (_, row) => `${row},ä ${row}\n`).join('');
  expect(await merged(`n,t\n${rows}`, `n,t\n${rows}`)).toBe(`n,t\n${rows}${rows}`);
});

it.each([
  [
    ['a,b,c\n1,x,y\n', 'a,b,d\n1,x,y\n'],
    /1.csv has the columns a, b, d, an earlier part of the result a, b, c/,
  ],
  [['a,b\n1,x\n', 'a\n1\n'], /1.csv has the columns a, an earlier part of the result a, b/],
])('refuses parts that make no one CSV: %j', async (parts, message) => {
  await expect(merged(...parts)).rejects.toThrow(message);
});
