import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const DECLARED = /^export (?:abstract )?(?:class|interface|type) (\w+)\b(?!.* from )/gm;

/** Two sides of one wire, two drivers of one interface and two targets may use the same names. */
const SIDES = [
  'packages/simulator/',
  'packages/warehouse/src/bigquery/',
  'packages/warehouse/src/postgres/',
  'apps/target-bigquery/',
  'apps/target-postgres/',
];
const sideOf = (file: string) => SIDES.find((side) => file.startsWith(side)) ?? 'the rest';

/** Said alike by packages that import nothing of ours. */
const SAID_ALIKE = new Set(['ColumnType', 'ErrorAction']);

/** Where each name is exported. */
function declarations(): Map<string, string[]> {
  const files = globSync('{packages,apps}/*/src/**/*.ts', { cwd: ROOT }).filter(
    (file) => !/\.(?:test|contract)\.ts$|\/testing\//.test(file),
  );
  const places = new Map<string, string[]>();
  for (const file of files) {
    for (const [, name = ''] of readFileSync(resolve(ROOT, file), 'utf8').matchAll(DECLARED)) {
      places.set(name, [...(places.get(name) ?? []), file]);
    }
  }
  return places;
}

test('a name that is exported has one meaning', () => {
  const all = declarations();
  expect(all.size).toBeGreaterThan(400);
  const several = [...all].filter(([name, files]) => {
    const sides = files.map(sideOf);
    return !SAID_ALIKE.has(name) && new Set(sides).size < sides.length;
  });
  expect(Object.fromEntries(several)).toEqual({});
});
