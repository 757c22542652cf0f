import { describe, expect, it } from 'vitest';

import { parseJsonText } from './parse-json-text.ts';

describe('a JSON file', () => {
  it('may be empty, or begin with a byte order mark', () => {
    expect(parseJsonText('', 'c.json')).toEqual({});
    expect(parseJsonText(' \n', 'c.json')).toEqual({});
    expect(parseJsonText('\uFEFF{"a": 1}', 'c.json')).toEqual({ a: 1 });
  });

  it('keeps every digit', () => {
    const text = '{"id":590122334455667788}';
    expect(JSON.stringify(parseJsonText(text, 'c.json'))).toBe(text);
  });
});

const FAULTS: readonly (readonly [string, string])[] = [
  ['{"secret": hidden}', 'line 1, column 12: a value is none of JSON; put texts in double quotes.'],
  ['{"secret": "hidden}', 'line 1, column 12: a closing quote is missing.'],
  ['{"secret": "hidden"\n "b": 1}', 'line 2, column 2: a comma is expected between two entries.'],
  ['{"secret": "hidden",}', 'line 1, column 21: '],
  ["{'secret': 'hidden'}", 'line 1, column 2: '],
  ['{"secret": "hidden"', 'line 1, column 20: a closing } is expected.'],
  ['// hidden\n{}', 'line 1, column 1: JSON has no comments.'],
  ['{"secret": "hid\nden"}', 'line 1, column 12: '],
  ['{"secret": "hidden\\x"}', 'line 1, column 12: a backslash begins no escape of JSON'],
  ['hidden', 'line 1, column 1: '],
  ['{} hidden', 'line 1, column 4: '],
  ['{"secret": 0x1F, "b": "hidden"}', 'line 1, column 1'],
];

describe('a JSON file that is none says where and why, and shows nothing of what stands there', () => {
  it.each(FAULTS)('%j', (text, reason) => {
    const read = () => parseJsonText(text, 'c.json');
    expect(read).toThrow(`c.json: ${reason}`);
    expect(read).not.toThrow('hidden');
  });
});
