import { expect, test } from 'vitest';
import { FastRecords } from './fast-records.ts';
import { metadataColumns } from '../tables/metadata-columns.ts';
import { RecordFields } from './record-fields.ts';
import { wantedTable } from '../tables/prepared-table.ts';
import { defineTable } from '../tables/table-definition.ts';
import { UnfitValueError } from '../tables/unfit-value-error.ts';

const PROPERTIES = { id: { type: 'integer' }, name: { type: ['null', 'string'] } };

function fieldsOf(metadata: 'none' | 'version'): RecordFields {
  const definition = defineTable(
    { stream: 's', schema: { properties: PROPERTIES }, keyProperties: ['id'] },
    { letterCase: 'keep', maxBytes: 63, numberMode: 'numeric' },
  );
  return new RecordFields(wantedTable(definition, metadataColumns(metadata)), {
    nullField: '-',
    isValidated: true,
    formOf: (kind) => ({
      nullField: '-',
      encode: (value) => {
        if (kind !== 'integer' || typeof value === 'number') return String(value);
        throw new UnfitValueError('is no number.');
      },
    }),
  });
}

const line = (record: string) => `{"type":"RECORD","stream":"s","record":${record}}`;

test('a line is read like those that were added; others are left to be parsed', () => {
  const fast = new FastRecords();
  expect(fast.read(line('{"id":1,"name":"a"}'))).toBeUndefined();
  fast.add('s', line('{"id":1,"name":"a"}'), fieldsOf('none'));
  expect(fast.read(line('{"id":2,"name":null}'))).toEqual({ stream: 's', fields: ['2', '-'] });
  expect(fast.read(line('{"name":"a","id":2}'))).toBeUndefined();
  expect(fast.read('{"type":"STATE","value":{}}')).toBeUndefined();
});

test('a record at fault is left to be parsed, which tells more about it', () => {
  const fast = new FastRecords();
  fast.add('s', line('{"id":1,"name":"a"}'), fieldsOf('none'));
  expect(fast.read(line('{"id":"one","name":"a"}'))).toBeUndefined();
  expect(fast.read(line('{"id":01,"name":"a"}'))).toBeUndefined();
});

test('a stream that gets other columns is no longer read as before', () => {
  const fast = new FastRecords();
  fast.add('s', line('{"id":1,"name":"a"}'), fieldsOf('none'));
  const versioned = '{"type":"RECORD","stream":"s","version":1,"record":{"id":2,"name":"b"}}';
  fast.add('s', versioned, fieldsOf('version'));
  expect(fast.read(line('{"id":3,"name":"c"}'))).toBeUndefined();
});

test('a stream whose schema has come anew is forgotten', () => {
  const fast = new FastRecords();
  fast.add('s', line('{"id":1,"name":"a"}'), fieldsOf('none'));
  fast.delete('s');
  expect(fast.read(line('{"id":1,"name":"a"}'))).toBeUndefined();
});
