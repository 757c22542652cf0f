import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { ExactSum } from './exact-sum.ts';

function sum(texts: readonly string[]): string {
  const total = new ExactSum();
  for (const text of texts) total.add(text);
  return total.toString();
}

describe('ExactSum', () => {
  it('keeps every digit of integers beyond 2^53', () => {
    expect(sum(['9007199254740993', '1', '900719925474099300000'])).toBe('900728932673354040994');
  });

  it('keeps every digit behind the point, and drops zeros at the end', () => {
    expect(sum(['0.1', '0.2'])).toBe('0.3');
    expect(sum(['1.50', '-0.5', '2'])).toBe('3');
    expect(sum(['12345678901234567890.12345678901234567', '-0.00000000000000067'])).toBe(
      '12345678901234567890.123456789012345',
    );
  });

  it('understands the exponents that doubles are written with', () => {
    expect(sum(['1.5E3', '25e-4', '-1e2'])).toBe('1400.0025');
  });

  it('is 0 for nothing', () => {
    expect(sum([])).toBe('0');
  });

  it('refuses what is no number', () => {
    expect(() => sum(['12x'])).toThrow('"12x" is no number to sum');
  });

  it('agrees with BigInt for any integers', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n })), (numbers) => {
        const expected = numbers.reduce((total, number) => total + number, 0n);
        expect(sum(numbers.map(String))).toBe(expected.toString());
      }),
    );
  });
});
