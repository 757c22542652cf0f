import fc from 'fast-check';
import { expect, test } from 'vitest';
import { distinctIdentifiers, identifierOf } from './naming.ts';

const RULES = { maxBytes: 63, letterCase: 'keep' } as const;

test('every name fits, and different names stay different', () => {
  const names = fc.uniqueArray(fc.string({ unit: 'binary', maxLength: 90, minLength: 1 }), {
    minLength: 1,
    maxLength: 20,
  });
  fc.assert(
    fc.property(names, fc.constantFrom('keep' as const, 'lower' as const), (given, letterCase) => {
      const identifiers = distinctIdentifiers(given, { ...RULES, letterCase });
      expect(new Set(identifiers).size).toBe(given.length);
      for (const identifier of identifiers) {
        expect(Buffer.byteLength(identifier)).toBeLessThanOrEqual(63);
        expect(identifier).not.toContain('\u0000');
      }
    }),
  );
});

test('a long name is cut at a character and ends in a hash of the whole', () => {
  expect(identifierOf('ü'.repeat(40), RULES)).toMatch(/^ü{27}_[0-9a-f]{8}$/);
  expect(identifierOf('plain', RULES)).toBe('plain');
});
