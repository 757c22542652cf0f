import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { PostgresSink } from './postgres-sink.ts';
import { loadMessages } from './postgres-target.ts';
import {
  ACCOUNT,
  CLICKS,
  DATE,
  LEDGER,
  partitionChange,
  schemaMessage,
  sliceMessages,
  sliceResult,
} from '../testing/slice-fixtures.ts';
import type { SliceFixture } from '../testing/slice-fixtures.ts';
import { createTestDatabase } from './testing/test-database.ts';
import type { TestDatabase } from './testing/test-database.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(() =>
  database.query(
    'DROP SCHEMA IF EXISTS traffic_events CASCADE; DROP SCHEMA IF EXISTS direct CASCADE',
  ),
);

const SCHEMAS = [schemaMessage(CLICKS), schemaMessage(LEDGER)];

/** Loads messages; answers the states that were passed on, also when the load fails. */
async function load(lines: readonly string[]) {
  const states: unknown[] = [];
  let failure: unknown;
  try {
    await loadMessages(
      (async function* source() {
        yield Buffer.from(lines.join('\n'));
      })(),
      {
        connection: { url: database.url },
        emitState: async (value) => {
          states.push(value);
        },
      },
    );
  } catch (error) {
    failure = error;
  }
  return { states, failure };
}

const messagesOf = (fixture: SliceFixture, bookmark: string | null = null) =>
  sliceMessages(sliceResult(fixture), fixture.rows, partitionChange({ ...fixture, bookmark }));

async function tables(schema: string) {
  const read = async (table: string, order: string) =>
    database.query(`SELECT * FROM ${schema}.${table} ORDER BY ${order}`);
  return {
    clicks: await read('dsp_clicks', 'account_id, event_date, row_number'),
    ledger: await read('extractions', 'extraction_id'),
    state: await database.query(
      `SELECT stream, account_id, state, run_id FROM ${schema}._traffic_events_state`,
    ),
    lease: await database.query(
      `SELECT account_id, run_id, run_started_at, heartbeat_at FROM ${schema}._traffic_events_lease`,
    ),
  };
}

const FIXTURES: readonly SliceFixture[] = [
  {
    executionId: 'e1',
    settled: false,
    createTime: '2026-01-06T06:00:00.000Z',
    rows: [
      ['a\t"\\', '123456789012345678', '9007199254740993', 'false'],
      [null, null, '3', 'true'],
    ],
  },
  { executionId: 'e2', rows: [['ü', '1', '9007199254740999', 'false']] },
  { executionId: 'e3', complete: false, rows: [['x', '1', '1', 'false']] },
  { executionId: 'e4', eventDate: '2026-02-01', rows: [] },
];

test('messages and results end in the same tables', async () => {
  const { states, failure } = await load([
    ...SCHEMAS,
    ...FIXTURES.flatMap((fixture) =>
      messagesOf(fixture, fixture.executionId === 'e2' ? DATE : null),
    ),
  ]);
  expect(failure).toBeUndefined();
  expect(states).toHaveLength(4);

  const sink = new PostgresSink({ connection: { url: database.url }, schema: 'direct' });
  await sink.open(
    { id: 'run-1', started_at: '2026-01-09T06:00:00.000Z' },
    [CLICKS, LEDGER],
    [ACCOUNT],
  );
  for (const fixture of FIXTURES) {
    const bookmark = fixture.executionId === 'e2' ? DATE : null;
    await sink.slice(sliceResult(fixture), partitionChange({ ...fixture, bookmark }));
  }
  await sink.close();
  expect(await tables('traffic_events')).toEqual(await tables('direct'));
  expect((await tables('direct')).clicks).toMatchObject([{ execution_id: 'e2', campaign: 'ü' }]);
});
