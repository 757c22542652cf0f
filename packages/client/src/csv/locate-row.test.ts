import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { locateRow } from './locate-row.ts';

const columns = [
  { name: 'campaign', type: 'STRING' },
  { name: 'clicks', type: 'LONG' },
] as const;

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'locate-row-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function filesOf(...texts: readonly string[]) {
  const files = texts.map((_, index) => ({ path: join(directory, `part-${index}.csv`) }));
  await Promise.all(files.map(({ path }, index) => writeFile(path, texts[index] ?? '')));
  return files;
}

test('a row is found by its first line, over line breaks in cells, blank lines and files', async () => {
  const files = await filesOf(
    'campaign,clicks\na,1\n"b\n\nb",2\n\nc,3',
    'clicks,campaign\r\n4,d\r\n5,"e\r\n"\r\n6,f',
    '7,g\nclicks,campaign\n8,h\n',
  );
  const places = await Promise.all(
    [1, 2, 3, 4, 5, 6, 7, 8, 9].map((row) => locateRow(files, row, { columns })),
  );
  const [first, second, third] = files.map(({ path }) => path);
  expect(places).toEqual([
    { file: first, line: 2 },
    { file: first, line: 3 },
    { file: first, line: 7 },
    { file: second, line: 2 },
    { file: second, line: 3 },
    { file: second, line: 5 },
    { file: third, line: 1 },
    { file: third, line: 3 },
    undefined,
  ]);
});
