import { parseMessage } from '@traffic-events/singer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FastRecords } from '../../messages/fast-records.ts';
import type { Fields } from '../../messages/record-fields.ts';
import { wantedTable } from '../../tables/prepared-table.ts';
import { defineTable } from '../../tables/table-definition.ts';
import { BIGQUERY_NAMES } from '../tables/names.ts';
import { recordFields, RecordLines } from './record-lines.ts';

const TIMES = { syncStartedMs: 0, batchedMs: 0, receivedMs: 0 };
const ORDER = 7;

type Properties = Readonly<Record<string, object>>;

function linesOf(properties: Properties, keyProperties: readonly string[], isValidated: boolean) {
  const definition = defineTable(
    { stream: 's', schema: { properties }, keyProperties },
    { ...BIGQUERY_NAMES, numberMode: 'numeric' },
  );
  const table = wantedTable(definition, []);
  const fields = recordFields(table, { isValidated });
  const lines = new RecordLines({ table, fields });
  return { fields, line: (values: Fields, order: number) => lines.line(values, order) };
}

function checkedFields(lines: ReturnType<typeof linesOf>, line: string): Fields {
  const message = parseMessage(line);
  if (message.type !== 'RECORD') throw new Error(`not a record: ${line}`);
  return lines.fields.of(message.record, {}, TIMES);
}

function orRefused<T>(work: () => T): T | 'refused' {
  try {
    return work();
  } catch {
    return 'refused';
  }
}

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.constantFrom('', 'null', '\u0000', 'a\nb', '"', '\\', '\ud800', '\u2028', '2026-01-31', '6'),
);
const anyNumber = fc.oneof(
  fc.integer().map(String),
  fc.bigInt().map(String),
  fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }).map(String),
  fc.bigInt({ min: -(10n ** 16n), max: 10n ** 16n }).map((digits) => String(digits * 100n)),
  fc.tuple(fc.bigInt(), fc.nat()).map(([whole, fraction]) => `${whole}.${fraction}`),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.constantFrom('-0', '0', '1.50', '1e5', '1E+2', '9007199254740991', '9007199254740993'),
  fc.constantFrom('01', '1.', '--1', '9223372036854775807', '9223372036854775808'),
);
const moment = fc
  .date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') })
  .map((at) => at.toISOString());
/** Both ways in which writers write what need not be escaped. */
const quotedText = (text: string) =>
  fc.constantFrom(JSON.stringify(text), JSON.stringify(text).replaceAll('/', '\\/'));
const textOf = (texts: fc.Arbitrary<string>) => texts.chain(quotedText);
/** Without escapes: V8 13.6 mixes up keys that end in a backslash, in JSON.parse itself. */
const anyKey = fc.stringMatching(/^[\w ü.$-]{0,6}$/);
const { anyJson } = fc.letrec<{ anyJson: string }>((tie) => ({
  anyJson: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'json' },
    anyNumber,
    textOf(anyText),
    fc.constantFrom('null', 'true', 'false'),
    fc.array(tie('anyJson'), { depthIdentifier: 'json' }).map((items) => `[${items.join(', ')}]`),
    fc
      .array(fc.tuple(anyKey, tie('anyJson')), { depthIdentifier: 'json' })
      .map((members) => `{${members.map(([key, value]) => `"${key}": ${value}`).join(',')}}`),
  ),
}));

/** Schemas, and tokens that mostly fit them. */
const KINDS: readonly (readonly [object, fc.Arbitrary<string>])[] = [
  [{ type: ['null', 'integer'] }, anyNumber],
  [{ type: 'integer', minimum: 0 }, anyNumber],
  [{ type: ['null', 'number'] }, anyNumber],
  [{ type: ['null', 'boolean'] }, fc.constantFrom('true', 'false')],
  [{ type: ['null', 'string'] }, textOf(anyText)],
  [{ type: 'string', maxLength: 5 }, textOf(anyText)],
  [{ type: ['null', 'string'], format: 'date' }, textOf(moment.map((at) => at.slice(0, 10)))],
  [{ type: ['null', 'string'], format: 'date-time' }, textOf(moment)],
  [{ type: ['null', 'string'], format: 'time' }, textOf(moment.map((at) => at.slice(11, 19)))],
  [{ type: ['null', 'string'], format: 'uuid' }, textOf(fc.uuid())],
  [{ type: ['null', 'object', 'array'] }, anyJson],
  [{}, anyJson],
  [{ anyOf: [{ type: 'integer' }, { type: 'string' }] }, fc.oneof(anyNumber, textOf(anyText))],
  [{ enum: ['a', 'b"\\', null, 1] }, fc.constantFrom('"a"', '"b\\"\\\\"', '1', '2')],
];
const stream = fc
  .uniqueArray(
    fc.tuple(
      anyKey.filter((name) => name !== ''),
      fc.constantFrom(...KINDS),
    ),
    { minLength: 1, maxLength: 6, selector: ([name]) => name.toLowerCase() },
  )
  .chain((columns) => {
    const tokens = columns.map(([, [, fitting]]) =>
      fc.oneof(
        { weight: 8, arbitrary: fitting },
        { weight: 2, arbitrary: fc.constant('null') },
        { weight: 1, arbitrary: anyJson },
      ),
    );
    return fc.record({
      properties: fc.constant(
        Object.fromEntries(columns.map(([name, [schema]]) => [name, schema])) as Properties,
      ),
      names: fc.constant(columns.map(([name]) => name)),
      rows: fc.array(fc.tuple(...tokens), { minLength: 2, maxLength: 5 }),
      isKeyed: fc.boolean(),
      space: fc.constantFrom('', ' '),
      isValidated: fc.boolean(),
    });
  });

test('a line read from the message itself is the line of the parsed record', () => {
  let read = 0;
  fc.assert(
    fc.property(stream, ({ properties, names, rows, isKeyed, space, isValidated }) => {
      const lines = linesOf(properties, isKeyed ? names.slice(0, 1) : [], isValidated);
      const fast = new FastRecords();
      for (const tokens of rows) {
        const members = names.map((name, at) => `${JSON.stringify(name)}:${space}${tokens[at]}`);
        const line = `{"type":"RECORD","stream":"s","record":{${members.join(`,${space}`)}}}`;
        const checked = orRefused(() => lines.line(checkedFields(lines, line), ORDER));
        const record = fast.read(line);
        if (record !== undefined) {
          read += 1;
          expect(lines.line(record.fields, ORDER)).toBe(checked);
        } else if (checked !== 'refused') fast.add('s', line, lines.fields);
      }
    }),
    { numRuns: 3000 },
  );
  expect(read).toBeGreaterThan(1000);
});

test('what a line holds is what the record held, digit by digit and character by character', () => {
  const lines = linesOf(
    { i: { type: 'integer' }, s: { type: 'string' }, j: { type: 'object' } },
    [],
    true,
  );
  const integer = fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    // A double writes these as they are, but holds others.
    fc.bigInt({ min: -(10n ** 16n), max: 10n ** 16n }).map((digits) => digits * 100n),
    fc.constantFrom(2n ** 53n, 2n ** 53n - 1n, 2n ** 53n + 1n, -(2n ** 53n)),
  );
  // Halves of characters are refused.
  const [text, key] = [anyText, anyKey].map((texts) => texts.map((each) => each.toWellFormed()));
  fc.assert(
    fc.property(integer, text!, fc.dictionary(key!, text!), (i, s, j) => {
      const line = `{"type":"RECORD","stream":"s","record":{"i":${i},"s":${JSON.stringify(s)},"j":${JSON.stringify(j)}}}`;
      const fast = new FastRecords();
      fast.add('s', line, lines.fields);
      const stage = lines.line(fast.read(line)!.fields, ORDER);
      expect(stage).toMatch(/^[^\n]*\n$/);
      const held = JSON.parse(stage) as { i: number | string; s: string; j: string };
      expect(BigInt(held.i)).toBe(i);
      // BigQuery asks for integers beyond 2^53 as text.
      expect(typeof held.i).toBe(Number.isSafeInteger(Number(i)) ? 'number' : 'string');
      expect(held.s).toBe(s);
      expect(JSON.parse(held.j)).toEqual(j);
    }),
    { numRuns: 1000 },
  );
});

test('an empty text is no NULL, and NULL is not written', () => {
  const text = { type: ['null', 'string'] };
  const lines = linesOf({ a: text, b: text, c: text }, [], true);
  const record = '{"type":"RECORD","stream":"s","record":{"a":"","b":null,"c":"x"}}';
  const fast = new FastRecords();
  fast.add('s', record, lines.fields);
  expect(lines.line(fast.read(record)!.fields, ORDER)).toBe('{"a":"","c":"x"}\n');
  const empty = record.replace('""', 'null').replace('"x"', 'null');
  expect(lines.line(fast.read(empty)!.fields, ORDER)).toBe('{}\n');
});

test('rows of keyed streams tell their order, those of others need none', () => {
  const properties = { id: { type: 'integer' } };
  expect(linesOf(properties, ['id'], true).line(['1'], ORDER)).toBe(
    '{"_traffic_events_order":7,"id":1}\n',
  );
  expect(linesOf(properties, [], true).line(['1'], ORDER)).toBe('{"id":1}\n');
});
