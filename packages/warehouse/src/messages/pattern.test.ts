import { expect, test } from 'vitest';
import { compilePattern } from './pattern.ts';

test.each([
  [String.raw`^\u00e9$`, 'é', true],
  [String.raw`^\ud83d\ude00$`, '😀', true],
  [String.raw`^\u{1f600}$`, '😀', true],
  [String.raw`^[\ud83d\ude00]$`, '😀', true],
  [String.raw`^\U0001F600$`, '😀', true],
  [String.raw`^\uD83D\uDE00$`, '😀', true],
  [String.raw`\Z\\Z$`, '\\Z', false],
  [String.raw`^\\Z$`, '\\Z', true],
  [String.raw`^\s$`, '\u00a0', true],
  [String.raw`^[\s]$`, '\ufeff', true],
  [String.raw`^\S$`, '\u2003', false],
  [String.raw`^\S[\]\S]$`, 'é]', true],
  ['b', 'abc', true],
  ['^.$', '😀', true],
  ['^b', 'a\nb', false],
])('%s in %j: %s', (pattern, text, isFound) => {
  expect(compilePattern(pattern)?.(text)).toBe(isFound);
});

test.each(['(?=a)', '(?<!a)b', String.raw`(a)\1`, '(', '[z-a]', 'x{,3}', 'a'.repeat(10_001)])(
  '%s is not matched',
  (pattern) => {
    expect(compilePattern(pattern)).toBeUndefined();
  },
);
