import { expect, test } from 'vitest';

import { cleanText } from './clean-text.ts';

test('plain text of any script stays as it is', () => {
  const text = 'FAILED: "Größe" – 予算 😀';
  expect(cleanText(text)).toBe(text);
});

test('control characters, turns of direction and half characters become spaces', () => {
  expect(cleanText('a\u0000b\u001b[31mc\r\n\u009bd\u202ee\ud800f')).toBe('a b [31mc d e f');
});

test('what is long is cut, between characters, and says so', () => {
  expect(cleanText('x'.repeat(1001))).toBe(`${'x'.repeat(1000)}…`);
  expect(cleanText('😀'.repeat(9), 5)).toBe('😀😀…');
  expect(cleanText(`a${'\u0000'.repeat(3_000_000)}b`, 10)).toBe('a…');
});
