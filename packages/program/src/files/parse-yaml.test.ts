import { describe, expect, it } from 'vitest';

import { parseYaml } from './parse-yaml.ts';

describe('a YAML file', () => {
  it('has numbers where nothing is lost, and their text elsewhere', () => {
    const text = 'a: 3\nb: 123456789012345678\nc: 0012\nd: 1.50\ne: 1.5\nf: 1e18\ng: -7\nh: 0x1F';
    expect(parseYaml(text, 'c.yaml')).toEqual({
      a: 3,
      b: '123456789012345678',
      c: '0012',
      d: '1.50',
      e: 1.5,
      f: '1e18',
      g: -7,
      h: '0x1F',
    });
  });

  it('has texts, truths and nothing as YAML has them', () => {
    const text = 'a: text\nb: true\nc: null\nd: ~\ne: ""\nf: "123"\ng: [1, no]';
    expect(parseYaml(text, 'c.yaml')).toEqual({
      a: 'text',
      b: true,
      c: null,
      d: null,
      e: '',
      f: '123',
      g: [1, 'no'],
    });
  });
});

const FAULTS: readonly (readonly [string, string])[] = [
  ['key: "Atzr|hidden\nother: 1', 'a character is missing'],
  ['key: @hidden', 'a value begins with a reserved character'],
  ['a:\n  - b\n c: hidden', ''],
  ['key: hidden\nkey: hidden', 'a key stands twice'],
  ['key: *hidden', ''],
  ['key: !hidden hidden', 'a tag (!name) is not known'],
  ['key: [hidden, ', ''],
  ['key: hidden: hidden', 'a value contains ": "'],
  ['key: "\\hidden"', 'a backslash in double quotes'],
  ['\tkey: hidden', ''],
  ['a: hidden\n---\nb: hidden', 'a second document'],
  ['hidden\nkey: hidden', ''],
  ['%hidden\n---\na: 1', ''],
  ['a: }hidden', ''],
  ['a: &b [*b, hidden]\nc: *hidden', ''],
  ['a: &b [*b, hidden]', 'leads to what it is a part of'],
  ['&a hidden: &b {hidden: *b}', 'leads to what it is a part of'],
];

describe('a YAML file that is none says where and why, and shows nothing of what stands there', () => {
  it.each(FAULTS)('%j', (text, reason) => {
    const read = () => parseYaml(text, 'c.yaml');
    expect(read).toThrow(/^c\.yaml: (line \d+, column \d+: |an alias )/);
    expect(read).toThrow(reason);
    expect(read).not.toThrow('hidden');
  });

  it('counts lines and columns from 1', () => {
    expect(() => parseYaml('a: 1\nb: [1, }', 'c.yaml')).toThrow('c.yaml: line 2, column 8: ');
  });
});
