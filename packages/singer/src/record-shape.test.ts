import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RecordShape } from './record-shape.ts';

function valuesOf(shape: RecordShape, line: string): unknown[] | undefined {
  if (!shape.match(line)) return undefined;
  return shape.starts.map(
    (start, index) => JSON.parse(line.slice(start, shape.ends[index])) as unknown,
  );
}

const line = (record: object, spaced = false) => {
  const text = JSON.stringify({ type: 'RECORD', stream: 's', record });
  return spaced ? text.replaceAll('":', '": ').replaceAll(',"', ', "') : text;
};

test('values are found where they stand, in lines of the same shape', () => {
  for (const spaced of [false, true]) {
    const shape = RecordShape.of(line({ id: 1, name: 'a' }, spaced))!;
    expect(shape).toMatchObject({ stream: 's', properties: ['id', 'name'] });
    expect(valuesOf(shape, line({ id: -2.5e10, name: 'b "quoted" \\ ü' }, spaced))).toEqual([
      -2.5e10,
      'b "quoted" \\ ü',
    ]);
    expect(valuesOf(shape, line({ id: null, name: { deep: ['}', ']'] } }, spaced))).toEqual([
      null,
      { deep: ['}', ']'] },
    ]);
  }
});

test.each([
  ['another key', '{"type":"RECORD","stream":"s","record":{"id":1,"nome":"a"}}'],
  ['a key more', '{"type":"RECORD","stream":"s","record":{"id":1,"name":"a","more":1}}'],
  ['a key less', '{"type":"RECORD","stream":"s","record":{"id":1}}'],
  ['another stream', '{"type":"RECORD","stream":"t","record":{"id":1,"name":"a"}}'],
  ['a version', '{"type":"RECORD","stream":"s","record":{"id":1,"name":"a"},"version":1}'],
  ['a raw control character', '{"type":"RECORD","stream":"s","record":{"id":1,"name":"a\tb"}}'],
  ['a line that is cut', '{"type":"RECORD","stream":"s","record":{"id":1,"name":"a'],
])('%s is another shape', (_what, other) => {
  expect(RecordShape.of(line({ id: 1, name: 'a' }))!.match(other)).toBe(false);
});

const at = (time: string) =>
  `{"type": "RECORD", "stream": "s", "record": {"id": 1}, "time_extracted": "${time}"}`;

test('the time of extraction may differ from line to line', () => {
  const shape = RecordShape.of(at('2026-01-01'))!;
  expect(valuesOf(shape, at('2026-01-02T00:00:00Z'))).toEqual([1]);
  expect(shape.match(`${at('2026-01-02').slice(0, -1)}, "version": 2}`)).toBe(false);
});

test('a matched line has the values that parsing it gives', () => {
  const keys = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 5 });
  const two = keys.chain((names) =>
    fc.tuple(
      fc.constant(names),
      fc.array(fc.jsonValue(), { minLength: names.length, maxLength: names.length }),
      fc.array(fc.jsonValue(), { minLength: names.length, maxLength: names.length }),
    ),
  );
  fc.assert(
    fc.property(two, fc.boolean(), ([names, first, second], spaced) => {
      const recordOf = (values: readonly unknown[]) =>
        Object.fromEntries(names.map((name, index) => [name, values[index]]));
      const shape = RecordShape.of(line(recordOf(first), spaced));
      const other = line(recordOf(second), spaced);
      const parsed = (JSON.parse(other) as { record: Record<string, unknown> }).record;
      const values = shape === undefined ? undefined : valuesOf(shape, other);
      if (values !== undefined) {
        expect(values).toEqual(shape!.properties.map((name) => parsed[name]));
      }
    }),
  );
});

const record = (a: string, b: string, time: string) =>
  `{"type":"RECORD","stream":"s","record":{"a":${a},"b":${b}}${time}}`;

test('whether lines are matched at once or walked through, the same ones have the shape', () => {
  const token = fc.oneof(
    fc.string({ unit: 'binary' }).map((value) => JSON.stringify(value)),
    fc.string({ unit: fc.constantFrom('"', '\\', 'u', '0', ',', '}', '\t', '\u2028', 'ü') }),
    fc.double({ noNaN: true }).map(String),
    fc.bigInt().map(String),
    fc.constantFrom('null', 'true', 'false', 'nul', '01', '-', '[]', '{"a":1}', ' 1', ''),
    fc.constantFrom(10, 300_000).map((length) => `"${'x'.repeat(length)}"`),
  );
  const time = fc.constantFrom('', ',"time_extracted":"2026-01-01"', ',"time_extracted":"\\n"');
  fc.assert(
    fc.property(token, token, time, fc.constantFrom('', ' ', '\t'), (a, b, extracted, end) => {
      const added = extracted === '' ? '' : ',"time_extracted":"2026"';
      const atOnce = RecordShape.of(record('1', '"x"', added))!;
      // Lines with nested values are always walked through.
      const walked = RecordShape.of(record('1', '{}', added))!;
      const text = record(a, b, extracted) + end;
      const isMatched = walked.match(text);
      expect(atOnce.match(text)).toBe(isMatched);
      if (isMatched) {
        const { starts, ends, firstBackslash } = walked;
        expect(atOnce).toMatchObject({ starts, ends, firstBackslash });
      }
    }),
    { numRuns: 1000 },
  );
});
