import { parseMessage, RecordShape } from '@traffic-events/singer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wantedTable } from '../../tables/prepared-table.ts';
import { defineTable } from '../../tables/table-definition.ts';
import type { RecordFields } from '../../messages/record-fields.ts';
import { recordRows } from './record-rows.ts';
import { POSTGRES_NAMES } from '../tables/table-sql.ts';

const PROPERTIES = {
  i: { type: ['null', 'integer'] },
  n: { type: 'number' },
  b: { type: ['boolean', 'null'] },
  s: { type: ['string', 'null'] },
  d: { type: ['string', 'null'], format: 'date' },
  j: { type: ['object', 'array', 'null'] },
  e: { enum: ['a', 'b"\\', null, 1] },
};
const TIMES = { syncStartedMs: 0, batchedMs: 0, receivedMs: 0 };

function rowsOf(isValidated: boolean): RecordFields {
  const definition = defineTable(
    { stream: 's', schema: { properties: PROPERTIES }, keyProperties: ['i'] },
    { ...POSTGRES_NAMES, numberMode: 'numeric' },
  );
  return recordRows(wantedTable(definition, []), { isValidated });
}

const number = fc.oneof(
  fc.integer().map(String),
  fc.bigInt().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.constantFrom('-0', '1.50', '1e5', '01', '1.', '--1', '9007199254740993', '1E+2'),
);
const text = fc
  .oneof(fc.string({ unit: 'binary' }), fc.constantFrom('a\tb', '\\N', '2026-01-31', '\u0000', 'a'))
  .map((value) => JSON.stringify(value));
const token = fc.oneof(
  number,
  text,
  fc.constantFrom('null', 'true', 'false'),
  fc.jsonValue().map((value) => JSON.stringify(value)),
);
const lineOf = (values: readonly string[], spaces: string) => {
  const members = Object.keys(PROPERTIES).map((key, at) => `"${key}":${spaces}${values[at]}`);
  return `{"type":"RECORD","stream":"s","record":{${members.join(`,${spaces}`)}}}`;
};

function outcome(work: () => unknown): unknown {
  try {
    return work();
  } catch {
    return 'refused';
  }
}

test('a row read from the line itself is the row of the parsed record', () => {
  const values = fc.tuple(number, number, token, text, text, token, token);
  fc.assert(
    fc.property(values, fc.constantFrom('', ' '), fc.boolean(), (tokens, spaces, isValidated) => {
      const rows = rowsOf(isValidated);
      const shape = RecordShape.of(lineOf(['1', '1', 'true', '""', '""', '[]', '1'], spaces))!;
      const places = rows.placesOf(shape)!;
      const line = lineOf(tokens, spaces);
      if (!shape.match(line)) return;
      const fast = outcome(() => rows.ofLine(line, shape, places));
      const parsed = outcome(() => {
        const message = parseMessage(line);
        return message.type === 'RECORD' && rows.of(message.record, {}, TIMES);
      });
      expect(fast).toEqual(parsed);
    }),
    { numRuns: 2000 },
  );
});

test('lines that lack a key or a required property are looked at as a whole', () => {
  const rows = rowsOf(true);
  const shape = RecordShape.of('{"type":"RECORD","stream":"s","record":{"n":1}}')!;
  expect(rows.placesOf(shape)).toBeUndefined();
  const keyed = RecordShape.of('{"type":"RECORD","stream":"s","record":{"i":1,"other":2}}')!;
  expect(rows.placesOf(keyed)).toEqual([0, -1]);
});
