import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const ROW = /^\| (\d+) \| (.+) \| (.+) \|$/;
const REFERENCE = /`([^`]+\.(?:test|contract)\.ts)`: ([^;]+)/g;

const rows = readFileSync(resolve(ROOT, 'docs/guarantees.md'), 'utf8')
  .split('\n')
  .map((line) => ROW.exec(line))
  .filter((match) => match !== null)
  .map(([, number = '', promise = '', enforcement = '']) => ({ number, promise, enforcement }));

test('guarantees are numbered without a gap', () => {
  expect(rows.map(({ number }) => Number(number))).toEqual(rows.map((_, index) => index + 1));
});

test.each(rows)('guarantee $number is enforced by tests that exist', ({ enforcement }) => {
  if (enforcement.includes('**gap**') || enforcement.includes('**unproven**')) return;
  const references = [...enforcement.matchAll(REFERENCE)];
  expect(references).not.toEqual([]);
  for (const [, file = '', name = ''] of references) {
    const path = resolve(ROOT, file);
    expect(existsSync(path), `${file} does not exist`).toBe(true);
    const title = name.replaceAll('\\|', '|').trim();
    expect(readFileSync(path, 'utf8'), `${file} has no test of that name`).toContain(title);
  }
});
