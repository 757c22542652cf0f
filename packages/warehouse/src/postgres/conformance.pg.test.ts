import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LoadRules } from '../messages/load-rules.ts';
import { loadLines } from './testing/load-lines.ts';
import { createTestDatabase } from './testing/test-database.ts';
import type { TestDatabase } from './testing/test-database.ts';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const FILES = join(
  process.env['TRAFFIC_EVENTS_SHARED'] ?? join(ROOT, '../shared'),
  'conformance/target',
);

/** The message files that Meltano's SDK tests every target with, where they are at hand. */
describe.skipIf(!existsSync(FILES))('message files of other targets', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());
  beforeEach(() => database.query('DROP SCHEMA IF EXISTS traffic_events CASCADE'));

  const load = async (name: string, rules: Partial<LoadRules> = {}) =>
    loadLines(await readFile(join(FILES, `${name}.singer`)), {
      connection: { url: database.url },
      rules,
    });
  const succeed = async (name: string, rules: Partial<LoadRules> = {}) => {
    const outcome = await load(name, rules);
    expect(outcome.failure).toBeUndefined();
    return outcome;
  };
  const failureOf = async (name: string) => String((await load(name)).failure);
  const rows = (table: string, columns = '*') =>
    database.query(`SELECT ${columns} FROM traffic_events."${table}" ORDER BY 1`);

  test('array_data: arrays are kept', async () => {
    await succeed('array_data');
    expect(await rows('test_array_data')).toEqual([
      { id: '1', fruits: ['apple', 'orange', 'pear'] },
      { id: '2', fruits: ['banana', 'apple'] },
      { id: '3', fruits: ['pear'] },
      { id: '4', fruits: ['orange', 'banana', 'apple', 'pear'] },
    ]);
  });

  test('camelcase: names keep their case', async () => {
    await succeed('camelcase');
    expect(await rows('TestCamelcase')).toEqual([
      { Id: '1', clientName: 'Gitter Windows Desktop App' },
      { Id: '2', clientName: 'Gitter iOS App' },
    ]);
  });

  test('camelcase, with small letters', async () => {
    await succeed('camelcase', { letterCase: 'lower' });
    expect(await rows('testcamelcase', 'id, clientname')).toHaveLength(2);
  });

  test('camelcase_complex_schema: unions of date-times make tables', async () => {
    await succeed('camelcase_complex_schema');
    expect(await rows('ForecastingTypeToCategory')).toEqual([]);
  });

  test('duplicate_records: the last record of a key wins', async () => {
    await succeed('duplicate_records');
    expect(await rows('test_duplicate_records')).toEqual([
      { id: '1', metric: '100' },
      { id: '2', metric: '20' },
    ]);
  });

  test('encoded_string_data: U+0000 is a clear error', async () => {
    expect(await failureOf('encoded_string_data')).toContain(
      'Stream test_strings: record {"id":11}: property info holds U+0000, which PostgreSQL cannot store. Set nul_replacement',
    );
  });

  test('encoded_string_data: or is replaced, at every depth', async () => {
    await succeed('encoded_string_data', { nulReplacement: '�' });
    const strings = await rows('test_strings');
    expect(strings).toHaveLength(11);
    expect(strings[9]).toMatchObject({ info: 'Double quoting: \\u0000 \\u0041 \\u0001' });
    expect(strings[10]).toMatchObject({ info: 'Control Characters in string: � A \u0001' });
    for (const table of ['test_strings_in_objects', 'test_strings_in_arrays']) {
      const text = JSON.stringify(await rows(table));
      expect(text).toContain('� A \\u0001');
      expect(text).toContain(String.raw`\\u0000 \\u0041`);
    }
  });

  test('invalid_schema: the schema has no properties', async () => {
    expect(await failureOf('invalid_schema')).toContain(
      'Stream test_invalid_schema: its schema has no properties',
    );
  });

  test('multiple_state_messages: states are those of the file, in order, never ahead', async () => {
    const { states } = await succeed('multiple_state_messages');
    const text = await readFile(join(FILES, 'multiple_state_messages.singer'), 'utf8');
    const given = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; value: unknown })
      .flatMap(({ type, value }) => (type === 'STATE' ? [JSON.stringify(value)] : []));
    const places = states.map((state) => given.indexOf(JSON.stringify(state)));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((left, right) => left - right));
    expect(states.at(-1)).toEqual({
      test_multiple_state_messages_a: 5,
      test_multiple_state_messages_b: 6,
    });
    expect(await rows('test_multiple_state_messages_a')).toHaveLength(6);
    expect(await rows('test_multiple_state_messages_b')).toHaveLength(6);
  });

  test('no_primary_keys: rows are added, and added again', async () => {
    await succeed('no_primary_keys');
    expect(await rows('test_no_pk')).toHaveLength(3);
    await succeed('no_primary_keys_append');
    expect(await rows('test_no_pk')).toHaveLength(8);
    await succeed('no_primary_keys');
    await succeed('no_primary_keys_append');
    expect(await rows('test_no_pk')).toHaveLength(16);
  });

  test('optional_attributes: what is missing is NULL', async () => {
    await succeed('optional_attributes');
    expect(await rows('test_optional_attributes')).toEqual([
      { id: '1', optional: 'This is optional' },
      { id: '2', optional: null },
      { id: '3', optional: 'Also optional' },
      { id: '4', optional: null },
    ]);
  });

  test('pk_updates: says where key_properties belongs', async () => {
    expect(await failureOf('pk_updates')).toContain(
      'Stream example_stream: key_properties stands inside the schema. It belongs beside it, at the top level of the SCHEMA message.',
    );
  });

  test('record_before_schema', async () => {
    expect(await failureOf('record_before_schema')).toContain(
      'A record of stream test_record_before_schema came before its SCHEMA.',
    );
  });

  test('record_missing_fields', async () => {
    await succeed('record_missing_fields');
    expect(await rows('record_missing_fields')).toHaveLength(2);
  });

  test('record_missing_key_property: names the key', async () => {
    expect(await failureOf('record_missing_key_property')).toContain(
      'Stream test_record_missing_key_property: record {"id":null}: property id is one of its key_properties, but missing.',
    );
  });

  test('record_missing_required_property: names the property', async () => {
    expect(await failureOf('record_missing_required_property')).toContain(
      'Stream test_record_missing_required_property: property id is required, but missing.',
    );
  });

  test('schema_no_properties: objects of any kind', async () => {
    await succeed('schema_no_properties');
    expect(await rows('test_object_schema_with_properties')).toEqual([
      { object_store: { id: 1, metric: 187 } },
      { object_store: { id: 2, metric: 203 } },
    ]);
    expect(await rows('test_object_schema_no_properties')).toHaveLength(2);
  });

  test('schema_updates: columns come on the way, earlier rows are NULL', async () => {
    await succeed('schema_updates');
    const updated = await rows('test_schema_updates');
    expect(Object.keys(updated[0]!)).toEqual(['id', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6']);
    expect(updated).toHaveLength(6);
    expect(updated[0]).toMatchObject({ a1: '101', a3: null, a6: null });
  });

  test('special_chars_in_attributes', async () => {
    await succeed('special_chars_in_attributes');
    expect(await rows('test:SpecialChars!in?attributes')).toEqual([
      {
        _id: 'a2e98886',
        d: { env: 'prod', 'agent:type': 'desktop', 'agent:os:version': '10.13.1' },
        _sdc_deleted_at: null,
        _sdc_table_version: '1541199424491',
      },
    ]);
  });

  test('user_location_data, then user_location_upsert_data', async () => {
    await succeed('user_location_data');
    await succeed('user_location_upsert_data');
    expect(await rows('test_users')).toHaveLength(8);
    expect(await rows('test_users')).toContainEqual({ id: '1', name: 'Johny' });
    expect(await rows('test_locations')).toHaveLength(5);
    expect(await rows('test_locations')).toContainEqual({ id: '1', name: 'Philly' });
    expect(await rows('test_user_in_location')).toHaveLength(5);
  });
});
