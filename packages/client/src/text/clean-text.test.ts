import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { cleanIdentifier, cleanText } from './clean-text.ts';

const NASTY = [
  ...Array.from('a \n\0\u001b[]3m;\u0007\\\u009b\u202e\u2066\ufeff\u200d😀ü\u2028\u{e0041}'),
  '\ud83d',
  '\ude00',
];
const anyText = fc.string({
  unit: fc.constantFrom(...NASTY),
  maxLength: 60,
});

describe('cleanText', () => {
  it.each([
    ['line breaks and tabs', 'a\r\nb\tc\u2028d', 'a b c d'],
    ['control characters', 'a\u0000b\u0007c\u007fd\u0085e', 'a b c d e'],
    ['colours', '\u001b[31mred\u001b[0m and \u009b1mbold', 'red and bold'],
    ['a title and a link', '\u001b]0;owned\u0007a\u001b]8;;http://x\u001b\\b', 'a b'],
    ['a clear screen', 'a\u001bcb\u001b[2Jc', 'a b c'],
    ['an escape alone', 'a\u001b', 'a'],
    ['bidi controls', 'user\u202egpj.exe\u2066\u200f', 'usergpj.exe'],
    ['what cannot be seen', 'a\ufeffb\u00adc\u{e0041}d', 'abcd'],
    ['half characters', 'a\ud800b\udc00', 'a\ufffdb\ufffd'],
    ['scripts', 'می‌خواهم 👨‍👩‍👧 ümlaut', 'می‌خواهم 👨‍👩‍👧 ümlaut'],
  ])('takes out %s', (_, text, clean) => {
    expect(cleanText(text)).toBe(clean);
  });

  it('cuts, says how long it was, and never halves a character', () => {
    expect(cleanText('x'.repeat(1_001))).toBe(`${'x'.repeat(981)}… (1001 characters)`);
    expect(cleanText('x'.repeat(1_000))).toBe('x'.repeat(1_000));
    expect(cleanText('abcdef', 3)).toBe('ab…');
    expect(cleanText('a😀cde', 3)).toBe('a…');
    expect(cleanText(`${'\u0000'.repeat(100)}abc`, 3)).toBe('…');
  });

  it('takes 3 MB of anything in a moment', () => {
    const startMs = performance.now();
    for (const piece of ['\u001b]', '\u001b[', '\u0000', 'x\u202e', '\ud800', ' ']) {
      expect(cleanText(piece.repeat(3_000_000 / piece.length)).length).toBeLessThanOrEqual(1_000);
    }
    expect(performance.now() - startMs).toBeLessThan(1_000);
  });

  it('leaves one clean line of any text, and changes it no further', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 40 }), (text, length) => {
        const clean = cleanText(text, length);
        expect(clean).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202a-\u202e\u2066-\u2069]/u);
        expect(clean.length).toBeLessThanOrEqual(length);
        expect(cleanText(clean, length)).toBe(clean);
      }),
    );
  });
});

describe('cleanIdentifier', () => {
  it('keeps ids, and marks what is none so that it equals no other', () => {
    expect(cleanIdentifier('dsp.2026-01-01_a')).toBe('dsp.2026-01-01_a');
    expect(cleanIdentifier('w1\u202e')).toBe('w1\ufffd');
    expect(cleanIdentifier('w 1')).toBe('w 1\ufffd');
    expect(cleanIdentifier('w'.repeat(3_000_000))).toMatch(/^w{42}… \(3000000 characters\)\ufffd$/);
  });
});
