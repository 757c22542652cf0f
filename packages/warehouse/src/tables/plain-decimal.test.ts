import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainDecimal, wholeDigits } from './plain-decimal.ts';

test.each([
  ['1', '1'],
  ['-1.50', '-1.5'],
  ['-0.0', '0'],
  ['1.5e-3', '0.0015'],
  ['12.345E+1', '123.45'],
  ['1e37', `1${'0'.repeat(37)}`],
  [`0.${'0'.repeat(37)}1`, `0.${'0'.repeat(37)}1`],
])('%s is %s', (number, plain) => {
  expect(plainDecimal(number)).toBe(plain);
});

test.each(['1e38', '1e-39', '1e400', '1e99999', 'NaN'])('%s is beyond BIGNUMERIC', (number) => {
  expect(plainDecimal(number)).toBeUndefined();
});

test('the value is that of the number', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: -20, max: 20 }), (n, e) => {
      expect(Number(plainDecimal(`${n}e${e}`))).toBeCloseTo(Number(`${n}e${e}`), 10);
    }),
  );
});

test.each([
  ['0.001', 0],
  ['-12.5', 2],
  ['0012.5e3', 5],
  ['1.5e-3', 0],
  ['1e400', 401],
  ['0e400', 0],
  ['NaN', Infinity],
])('%s has %i digits before the point', (number, digits) => {
  expect(wholeDigits(number)).toBe(digits);
});
