import { parseJson } from '@traffic-events/singer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { integerDigits } from './integer-digits.ts';

test('integers of any length keep their digits, also those that look like a double', () => {
  const round = fc
    .tuple(fc.bigInt(), fc.nat(20))
    .map(([digits, zeros]) => digits * 10n ** BigInt(zeros));
  fc.assert(
    fc.property(fc.oneof(fc.bigInt(), round), (integer) => {
      expect(integerDigits(parseJson(String(integer)))).toBe(String(integer));
    }),
    { numRuns: 2000 },
  );
  // The nearest double is 1081295183178601088, and is written as this one.
  expect(integerDigits(parseJson('1081295183178601100'))).toBe('1081295183178601100');
});

test('other ways to write a whole number are one too, a fraction is none', () => {
  expect(integerDigits(parseJson('1e3'))).toBe('1000');
  expect(integerDigits(parseJson('9007199254740993.0'))).toBe('9007199254740993');
  expect(integerDigits(parseJson('1.5'))).toBeUndefined();
  expect(integerDigits('1')).toBeUndefined();
});
