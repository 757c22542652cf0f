import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { expect, test } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');
const REFERENCE = /`([^`]+\.test\.ts)`: ([^;|]+)/g;

const text = readFileSync(path.resolve(ROOT, 'docs/api-coverage.md'), 'utf8');
const references = [...text.matchAll(REFERENCE)].map(([, file = '', name = '']) => ({
  file,
  title: name.trim(),
}));

test('every contradiction has its row', () => {
  const rows = [...text.matchAll(/^\| (\d+) \|/gm)].map(([, number]) => Number(number));
  expect(rows).toEqual(Array.from({ length: 28 }, (_, index) => index + 1));
});

test.each(references)('$file has a test "$title"', ({ file, title }) => {
  const source = path.resolve(ROOT, file);
  expect(existsSync(source), `${file} does not exist`).toBe(true);
  expect(readFileSync(source, 'utf8'), `${file} has no test of that name`).toContain(title);
});
