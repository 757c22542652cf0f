import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasEmulator, loadLines, testDataset } from '@traffic-events/warehouse/bigquery/testing';
import type { TestDataset } from '@traffic-events/warehouse/bigquery/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isThorough } from '../reporting/thorough.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FILES = join(
  process.env['TRAFFIC_EVENTS_SHARED'] ?? join(ROOT, '../shared'),
  'conformance/target',
);

/** Loaded together, as taps with many streams send them: each load takes the emulator seconds. */
const GOOD = [
  'array_data',
  'camelcase',
  'camelcase_complex_schema',
  'duplicate_records',
  'encoded_string_data',
  'no_primary_keys',
  'optional_attributes',
  'record_missing_fields',
  'schema_no_properties',
  'special_chars_in_attributes',
  'user_location_data',
] as const;

const linesOf = async (name: string) =>
  (await readFile(join(FILES, `${name}.singer`), 'utf8')).trim().split('\n');
const statesOf = (lines: readonly string[]) =>
  lines
    .map((line) => JSON.parse(line) as { type: string; value: unknown })
    .flatMap(({ type, value }) => (type === 'STATE' ? [JSON.stringify(value)] : []));

/** The message files that Meltano's SDK tests every target with, where they are at hand. */
const isTried = isThorough && hasEmulator() && existsSync(FILES);

describe.runIf(isTried)('message files of other targets', () => {
  let dataset: TestDataset;
  beforeAll(async () => {
    dataset = testDataset();
    const { failure } = await load((await Promise.all(GOOD.map(linesOf))).flat());
    if (failure !== undefined) throw failure;
  });
  afterAll(() => dataset.drop());

  const load = (lines: readonly string[]) => loadLines(lines, { connection: dataset.settings });
  /** Rows in the order of their text, in which nothing has been through a number. */
  const rows = async (table: string, columns = '*') => {
    const found = await dataset.query<{ row: string }>(
      `SELECT TO_JSON_STRING(t) AS row FROM (SELECT ${columns} FROM \`{dataset}.${table}\`) AS t ORDER BY 1`,
    );
    return found.map(({ row }) => JSON.parse(row) as Record<string, unknown>);
  };

  test('array_data: arrays are kept, as JSON', async () => {
    expect(await rows('test_array_data')).toEqual([
      { id: 1, fruits: ['apple', 'orange', 'pear'] },
      { id: 2, fruits: ['banana', 'apple'] },
      { id: 3, fruits: ['pear'] },
      { id: 4, fruits: ['orange', 'banana', 'apple', 'pear'] },
    ]);
  });

  test('camelcase: names keep their case', async () => {
    expect(await rows('TestCamelcase')).toEqual([
      { Id: '1', clientName: 'Gitter Windows Desktop App' },
      { Id: '2', clientName: 'Gitter iOS App' },
    ]);
  });

  test('camelcase_complex_schema: unions of date-times make tables', async () => {
    expect(await rows('ForecastingTypeToCategory')).toEqual([]);
  });

  test('duplicate_records: the last record of a key wins', async () => {
    expect(await rows('test_duplicate_records')).toEqual([
      { id: 1, metric: 100 },
      { id: 2, metric: 20 },
    ]);
  });

  test('encoded_string_data: U+0000 is kept, at every depth, where PostgreSQL refuses it', async () => {
    const strings = await rows('test_strings');
    expect(strings).toHaveLength(11);
    expect(strings).toContainEqual({
      id: 11,
      info: 'Control Characters in string: \u0000 A \u0001',
    });
    for (const table of ['test_strings_in_objects', 'test_strings_in_arrays']) {
      expect(JSON.stringify(await rows(table))).toContain(String.raw`\u0000 A \u0001`);
    }
  });

  test('multiple_state_messages: states are those of the file, in order, never ahead', async () => {
    const lines = await linesOf('multiple_state_messages');
    const { failure, states } = await load(lines);
    expect(failure).toBeUndefined();
    const given = statesOf(lines);
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
    expect(await rows('test_no_pk')).toHaveLength(3);
    const both = [
      ...(await linesOf('no_primary_keys')),
      ...(await linesOf('no_primary_keys_append')),
    ];
    expect((await load(both)).failure).toBeUndefined();
    expect(await rows('test_no_pk')).toHaveLength(3 + 3 + 5);
  });

  test('optional_attributes: what is missing is NULL', async () => {
    expect(await rows('test_optional_attributes')).toEqual([
      { id: 1, optional: 'This is optional' },
      { id: 2, optional: null },
      { id: 3, optional: 'Also optional' },
      { id: 4, optional: null },
    ]);
  });

  test('record_missing_fields', async () => {
    expect(await rows('record_missing_fields')).toHaveLength(2);
  });

  test('schema_no_properties: objects of any kind', async () => {
    expect(await rows('test_object_schema_with_properties')).toEqual([
      { object_store: { id: 1, metric: 187 } },
      { object_store: { id: 2, metric: 203 } },
    ]);
    expect(await rows('test_object_schema_no_properties')).toHaveLength(2);
  });

  test('schema_updates: columns come on the way, earlier rows are NULL', async () => {
    expect((await load(await linesOf('schema_updates'))).failure).toBeUndefined();
    const updated = await rows('test_schema_updates');
    expect(updated).toHaveLength(6);
    expect(Object.keys(updated[0] ?? {})).toEqual(['id', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6']);
    expect(updated[0]).toMatchObject({ a1: 101, a3: null, a6: null });
  });

  test('special_chars_in_attributes: characters that names may not have are replaced', async () => {
    expect(await rows('test_SpecialChars_in_attributes_3a46c1a1')).toEqual([
      {
        _id: 'a2e98886',
        d: { env: 'prod', 'agent:type': 'desktop', 'agent:os:version': '10.13.1' },
        _sdc_deleted_at: null,
        _sdc_table_version: 1_541_199_424_491,
      },
    ]);
  });

  test('user_location_data, then user_location_upsert_data', async () => {
    expect((await load(await linesOf('user_location_upsert_data'))).failure).toBeUndefined();
    const users = await rows('test_users');
    expect(users).toHaveLength(8);
    expect(users).toContainEqual({ id: 1, name: 'Johny' });
    const locations = await rows('test_locations');
    expect(locations).toHaveLength(5);
    expect(locations).toContainEqual({ id: 1, name: 'Philly' });
    expect(await rows('test_user_in_location')).toHaveLength(5);
  });

  test.each([
    ['invalid_schema', 'Stream test_invalid_schema: its schema has no properties'],
    ['pk_updates', 'Stream example_stream: key_properties stands inside the schema.'],
    ['record_before_schema', 'A record of stream test_record_before_schema came before its SCHEMA'],
    [
      'record_missing_key_property',
      'Stream test_record_missing_key_property: record {"id":null}: property id is one of its key_properties, but missing',
    ],
    [
      'record_missing_required_property',
      'Stream test_record_missing_required_property: property id is required, but missing',
    ],
  ])('%s is a clear error', async (name, message) => {
    expect(String((await load(await linesOf(name))).failure)).toContain(message);
  });
});
