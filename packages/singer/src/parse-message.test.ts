import { expect, test } from 'vitest';
import { parseMessage } from './parse-message.ts';

test.each([
  ['hello', 'This line is not JSON: hello'],
  ['[1]', 'This Singer message is not a JSON object: [1]'],
  ['{"type":"RECORD","stream":"a"}', 'has no object "record"'],
  ['{"type":"RECORD","record":{}}', 'has no string "stream"'],
  ['{"type":"SCHEMA","stream":"a"}', 'has no object "schema"'],
  [
    '{"type":"SCHEMA","stream":"a","schema":{},"key_properties":[1]}',
    'list of strings "key_properties"',
  ],
  ['{"type":"STATE"}', 'has no "value"'],
  ['{"type":"BATCH","stream":"a","encoding":{"format":"jsonl"}}', 'list of strings "manifest"'],
  ['{"type":"ACTIVATE_VERSION","stream":"a"}', 'has no number "version"'],
  ['{"stream":"a"}', 'has no string "type"'],
])('%s is refused with what is missing', (line, message) => {
  expect(() => parseMessage(line)).toThrow(message);
});

test('an unknown type is named, not refused', () => {
  expect(parseMessage('{"type":"FANCY"}')).toEqual({ type: 'UNKNOWN', name: 'FANCY' });
});

test('strangers may add keys', () => {
  expect(parseMessage('{"type":"STATE","value":{"a":1},"extra":2}')).toEqual({
    type: 'STATE',
    value: { a: 1 },
  });
});
