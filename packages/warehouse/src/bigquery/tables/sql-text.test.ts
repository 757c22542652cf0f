import { expect, test } from 'vitest';
import { literal, qualified, quote } from './sql-text.ts';

test('no character of a text ends its literal', () => {
  expect(literal(`it's a \\ "test"\n\u0000\u2028`)).toBe(
    String.raw`'it\'s a \\ "test"\n\u0000\u2028'`,
  );
});

test('no character of a name ends its quotes', () => {
  expect(quote('a`b\\')).toBe('`a\\`b\\\\`');
  expect(qualified('d', 't')).toBe('`d.t`');
});
