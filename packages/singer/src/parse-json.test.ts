import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isExactNumber } from './exact-number.ts';
import { parseJson } from './parse-json.ts';

test.each([
  ['9007199254740993', '9007199254740993'],
  ['-123456789012345678901234567890', '-123456789012345678901234567890'],
  ['0.12345678901234567', '0.12345678901234567'],
  ['99999999999999999999.99999999999999999', '99999999999999999999.99999999999999999'],
  ['1e400', '1e400'],
  ['1e-400', '1e-400'],
])('%s keeps its digits', (source, digits) => {
  const parsed = parseJson(`{"a":[${source}]}`);
  expect(JSON.stringify(parsed)).toBe(`{"a":[${digits}]}`);
});

test.each(['1500.0000000000000000', '1.50', '1e300', '0.5000000000000000000', '-0', '42'])(
  '%s fits a double and is a plain number',
  (source) => {
    expect(parseJson(source)).toBe(Number(source));
  },
);

test('digits inside strings are left alone', () => {
  expect(parseJson('{"id":"9007199254740993"}')).toEqual({ id: '9007199254740993' });
});

test('whatever JSON.stringify wrote is read as it was', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      expect(JSON.stringify(parseJson(text))).toBe(text);
    }),
  );
});

test('integers of any length come back digit by digit', () => {
  fc.assert(
    fc.property(fc.bigInt(), (value) => {
      const parsed = parseJson(`[${value}]`) as [unknown];
      expect(
        isExactNumber(parsed[0]) ? parsed[0].rawJSON : String(BigInt(parsed[0] as number)),
      ).toBe(String(value));
    }),
  );
});
