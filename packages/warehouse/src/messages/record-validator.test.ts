import { parseJson } from '@traffic-events/singer';
import { expect, test } from 'vitest';
import { compileValidator, isPlainSchema } from './record-validator.ts';

const problemOf = (schema: object, value: unknown) => {
  const violation = compileValidator(schema as Record<string, unknown>)(value);
  return violation && `${violation.path.join('.')}: ${violation.problem}`;
};

test.each([
  [{ type: 'integer' }, 1],
  [{ type: 'integer' }, 1.0],
  [{ type: ['null', 'string'] }, null],
  [{ type: 'number' }, 3],
  [{ type: 'integer' }, parseJson('12345678901234567890')],
  [{ type: 'number' }, parseJson('0.12345678901234567890')],
  [{ anyOf: [{ type: 'integer' }, { type: 'null' }] }, null],
  [{ allOf: [{ type: 'integer' }, { minimum: 2 }] }, 2],
  [{ enum: ['a', null] }, null],
  [{ type: 'string', maxLength: 1 }, '𝒳'],
  [{ properties: { a: { type: 'integer' } } }, 'not an object'],
  [{ type: 'object', additionalProperties: { type: 'string' } }, { a: 'b' }],
])('%j allows %j', (schema, value) => {
  expect(problemOf(schema, value)).toBeUndefined();
});

test.each([
  [{ type: 'integer' }, 1.5, ': is 1.5, but the schema allows integer.'],
  [{ type: 'string' }, null, ': is null, but the schema allows string.'],
  [{ type: 'integer' }, '1', ': is "1", but the schema allows integer.'],
  [{ const: 1 }, 2, ': is 2, which is not among the values that the schema lists.'],
  [{ oneOf: [{ type: 'null' }] }, 2, ": is 2, which none of the schema's alternatives allows."],
  [{ minimum: 2 }, 1, ': is 1, but the schema asks for at least 2.'],
  [{ maximum: 1 }, parseJson('12345678901234567890'), 'but the schema allows at most 1.'],
  [{ exclusiveMaximum: 1 }, 1, ': is 1, but it must be below 1.'],
  [{ pattern: '^a' }, 'b', ': does not match ^a.'],
  [{ minLength: 2 }, 'b', 'is 1 characters long'],
  [{ items: { type: 'integer' } }, [1, 'b'], '1: is "b", but the schema allows integer.'],
  [{ minItems: 2 }, [1], ': has 1 items'],
  [{ required: ['a'] }, {}, 'a: is required, but missing.'],
  [
    { properties: { a: { properties: { b: { type: 'null' } } } } },
    { a: { b: 1 } },
    'a.b: is 1, but the schema allows null.',
  ],
  [{ additionalProperties: false }, { z: 1 }, 'z: is not among the properties'],
])('%j refuses %j', (schema, value, problem) => {
  expect(problemOf(schema, value)).toContain(problem);
});

test('plain schemas are those that a column judges alone', () => {
  expect(isPlainSchema({ type: ['null', 'integer'], description: 'd', 'x-unit': 'u' })).toBe(true);
  expect(isPlainSchema({ type: 'string', format: 'date' })).toBe(true);
  expect(isPlainSchema({ type: 'string', maxLength: 3 })).toBe(false);
  expect(isPlainSchema({ type: ['string', 'integer'] })).toBe(false);
  expect(isPlainSchema({ type: 'object' })).toBe(false);
});
