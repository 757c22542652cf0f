import { parseJson } from '@traffic-events/singer';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ColumnKind } from '../../tables/column-kind.ts';
import { UnfitValueError } from '../../tables/unfit-value-error.ts';
import { SQL_TYPES } from '../tables/column-types.ts';
import { createTestDatabase } from '../testing/test-database.ts';
import type { TestDatabase } from '../testing/test-database.ts';
import { copyText } from './copy-text.ts';
import { fieldForm } from './value-encoder.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** The text that a value goes to PostgreSQL as; undefined where it is refused before. */
function sent(kind: ColumnKind, json: string): string | undefined {
  try {
    return copyText(fieldForm(kind, {}).encode(parseJson(json)));
  } catch (error) {
    if (error instanceof UnfitValueError) return undefined;
    throw error;
  }
}

const digits = (count: number) => '1'.padEnd(count, '0');
const two = (most: number) =>
  fc.integer({ min: 0, max: most }).map((n) => String(n).padStart(2, '0'));
const fractions = fc.constantFrom('', '.5', '.0', '.000000001', '.9999999', `.${digits(39)}`);
const offsets = fc.oneof(
  fc.constantFrom('', 'Z', 'z', '+00', '+15:59', '-1559', '+16:00', '+23:59'),
  fc.tuple(fc.constantFrom('+', '-'), two(16), two(59)).map(([sign, h, m]) => `${sign}${h}:${m}`),
);
const times = fc
  .tuple(two(25), two(60), two(61), fractions, offsets)
  .map(([h, m, s, fraction, offset]) => `${h}:${m}:${s}${fraction}${offset}`);
const dates = fc
  .tuple(fc.constantFrom('0000', '0001', '1582', '2024', '9999'), two(13), two(32))
  .map(([year, month, day]) => `${year}-${month}-${day}`);
const numbers = fc.oneof(
  fc.constantFrom('1e131071', '1e131072', '-1e200000', '1e-16383', '1e-16384', '5e-324', '1e400'),
  fc.constantFrom('1e-400', '1.7976931348623157e308', `0.${digits(16_384)}`, digits(131_073)),
  fc.tuple(fc.integer(), fc.integer({ min: -400, max: 400 })).map(([n, e]) => `${n}e${e}`),
);
const texts = fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text));
const halves = fc.constantFrom('"\\ud83d"', '"\\\\ud83d"', '"a\\udc00"', '"\\ud83d\\ude00"');
const inside = (values: fc.Arbitrary<string>) => values.map((value) => `{"a":[${value}]}`);

const VALUES: readonly (readonly [ColumnKind, fc.Arbitrary<string>])[] = [
  ['date', dates.map((date) => `"${date}"`)],
  ['time', times.map((time) => `"${time}"`)],
  ['timestamp', fc.tuple(dates, times).map(([date, time]) => `"${date}T${time}"`)],
  ['numeric', numbers],
  ['double', numbers],
  ['text', fc.oneof(texts, halves)],
  ['json', inside(fc.oneof(numbers, texts, halves))],
];

describe.each(VALUES)('%s', (kind, values) => {
  test('what is not refused before it is sent is what PostgreSQL takes', async () => {
    const sample = fc.sample(values, 400).flatMap((json) => sent(kind, json) ?? []);
    const refused: string[][] = [];
    for (const text of sample) {
      const taken = database.query(`SELECT CAST($1 AS ${SQL_TYPES[kind]})`, [text]);
      await taken.catch((error: unknown) => refused.push([text.slice(0, 80), String(error)]));
    }
    expect(sample.length).toBeGreaterThan(20);
    expect(refused).toEqual([]);
  });
});
