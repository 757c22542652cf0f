import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { PostgresSink } from './postgres-sink.ts';
import { loadMessages } from './postgres-target.ts';
import {
  ACCOUNT,
  CLICKS,
  DATE,
  LEDGER,
  ledgerRow,
  partitionChange,
  schemaMessage,
  sliceMessages,
  sliceResult,
  stateMessage,
} from './testing/slice-fixtures.ts';
import type { SliceFixture } from './testing/slice-fixtures.ts';
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

describe('rows of a slice by BATCH', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'traffic-events-batch-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  /** The same messages, with the rows in files: the first in a plain one, the rest zipped. */
  async function byBatch(fixture: SliceFixture): Promise<string[]> {
    const messages = messagesOf(fixture);
    const rows = messages.slice(0, -2).map((line) => line.replace(RECORD_HEAD, '').slice(0, -1));
    const [plain, zipped] = ['jsonl', 'jsonl.gz'].map((ending) =>
      join(directory, `${fixture.executionId}.${ending}`),
    ) as [string, string];
    await writeFile(plain, `${rows[0]}\n`);
    await writeFile(zipped, gzipSync(rows.slice(1).join('\n')));
    return [
      ...[[plain], [zipped, 'gzip']].map(([path, compression]) =>
        JSON.stringify({
          type: 'BATCH',
          stream: CLICKS.stream,
          encoding: { format: 'jsonl', compression },
          manifest: [pathToFileURL(path as string).href],
        }),
      ),
      ...messages.slice(-2),
    ];
  }
  const RECORD_HEAD = `{"type":"RECORD","stream":"${CLICKS.stream}","record":`;
  const fixture: SliceFixture = {
    executionId: 'e1',
    rows: [
      ['a\t"\\', '123456789012345678', '9007199254740993', 'false'],
      [null, null, '3', 'true'],
      ['c', '2', '9007199254740999', 'false'],
    ],
  };

  test('files end in the same tables as records, and replace what was there', async () => {
    await load([...SCHEMAS, ...messagesOf(fixture)]);
    const expected = await tables('traffic_events');
    expect(expected.clicks).toHaveLength(3);
    await database.query('DROP SCHEMA traffic_events CASCADE');
    const old: SliceFixture = { ...fixture, executionId: 'e0', settled: false };
    const { states, failure } = await load([...SCHEMAS, ...messagesOf(old)]);
    expect([states.length, failure]).toEqual([1, undefined]);
    const second = await load([...SCHEMAS, ...(await byBatch(fixture))]);
    expect([second.states.length, second.failure]).toEqual([1, undefined]);
    expect((await tables('traffic_events')).clicks).toEqual(expected.clicks);
  });

  test('a file that lacks a row fails the slice, and nothing of it is kept', async () => {
    const messages = await byBatch(fixture);
    await writeFile(join(directory, 'e1.jsonl'), '');
    const { states, failure } = await load([...SCHEMAS, ...messages]);
    expect(states).toEqual([]);
    expect(String(failure)).toContain('its STATE declares 3 rows, but 2 arrived');
    const { clicks, ledger } = await tables('traffic_events');
    expect([clicks, ledger]).toEqual([[], []]);
  });
});

test('an account in another time zone than the one that is held is refused, with rows and without', async () => {
  const rows = [['a', '1', '4', 'false']];
  await load([...SCHEMAS, ...messagesOf({ executionId: 'e1', rows })]);
  const before = await tables('traffic_events');
  const accountId = `${ACCOUNT}@Europe/Berlin`;
  for (const other of [rows, []]) {
    const { states, failure } = await load([
      ...SCHEMAS,
      ...messagesOf({ accountId, executionId: 'e2', rows: other }),
    ]);
    expect(states).toEqual([]);
    expect(failure).toMatchObject({ code: 'ZONE_CHANGED', accountId, heldAs: ACCOUNT });
    expect(await tables('traffic_events')).toEqual(before);
  }
});

test('a slice whose STATE never came leaves nothing, and its state is not passed on', async () => {
  const { states, failure } = await load([
    ...SCHEMAS,
    ...messagesOf({ executionId: 'e1', rows: [['a', '1', '4', 'false']] }),
    ...messagesOf({ executionId: 'e2', rows: [['a', '1', '5', 'false']] }).slice(0, 1),
  ]);
  expect(failure).toBeUndefined();
  expect(states).toHaveLength(1);
  expect((await tables('traffic_events')).clicks).toMatchObject([{ execution_id: 'e1' }]);
});

test('a missing record fails the slice and names both counts', async () => {
  const messages = messagesOf({
    executionId: 'e1',
    rows: [
      ['a', '1', '4', 'false'],
      ['b', '1', '4', 'false'],
    ],
  });
  const { states, failure } = await load([...SCHEMAS, ...messages.slice(1)]);
  expect(states).toEqual([]);
  expect(String(failure)).toContain('its STATE declares 2 rows, but 1 arrived');
  expect((await tables('traffic_events')).ledger).toEqual([]);
});

test('records of two slices may not mix', async () => {
  const first = messagesOf({ executionId: 'e1', rows: [['a', '1', '4', 'false']] });
  const second = messagesOf({ executionId: 'e2', rows: [['a', '1', '4', 'false']] });
  const { failure } = await load([...SCHEMAS, first[0]!, second[0]!]);
  expect(String(failure)).toContain(
    'came before the STATE that closes dsp_clicks DE:dsp:1234 2026-01-05',
  );
});

test('ledger rows alone are committed with the state after them', async () => {
  const failed = {
    ...ledgerRow({ executionId: 'e9', rowCount: 0, clicks: null }),
    status: 'failed',
    reason: 'no\u0000 answer',
  };
  const { states } = await load([
    ...SCHEMAS,
    JSON.stringify({ type: 'RECORD', stream: 'extractions', record: failed }),
    stateMessage([partitionChange({ bookmark: null })], {
      run: { id: 'run-1', started_at: '2026-01-09T06:00:00Z' },
    }),
  ]);
  expect(states).toHaveLength(1);
  const { ledger, state } = await tables('traffic_events');
  expect(ledger).toMatchObject([{ extraction_id: 'e9', status: 'failed', reason: 'no answer' }]);
  expect(state).toMatchObject([{ stream: 'dsp_clicks', state: { bookmark: null } }]);
});

test('a state that claims more than the warehouse has is refused, with the range', async () => {
  await load([...SCHEMAS, ...messagesOf({ executionId: 'e1', eventDate: '2026-01-03', rows: [] })]);
  const given = stateMessage([partitionChange({ bookmark: DATE })]);
  const { states, failure } = await load([given, ...SCHEMAS]);
  expect(states).toEqual([]);
  expect(String(failure)).toContain(
    'claims slices that this warehouse does not have: dsp_clicks DE:dsp:1234 2026-01-01 to 2026-01-02; dsp_clicks DE:dsp:1234 2026-01-04 to 2026-01-05.',
  );
});

test('a state that the warehouse has is let through, and not taken for a closing', async () => {
  const change = partitionChange({ bookmark: null });
  const mark = sliceResult({ executionId: 'e1', rows: [] }).mark;
  const given = stateMessage([change], {
    slice: mark,
    run: { id: 'run-0', started_at: '2026-01-01T00:00:00Z' },
  });
  const { states, failure } = await load([given, ...SCHEMAS]);
  expect(failure).toBeUndefined();
  expect(states).toHaveLength(1);
});

test('a late target of an old tap run is refused by the run it carries', async () => {
  await load([...SCHEMAS, ...messagesOf({ executionId: 'e1', rows: [] })]);
  const old = sliceMessages(sliceResult({ executionId: 'e2', rows: [] }), [], partitionChange({}), {
    id: 'run-0',
    started_at: '2026-01-08T00:00:00.000Z',
  });
  const { states, failure } = await load([...SCHEMAS, ...old]);
  expect(states).toEqual([]);
  expect(String(failure)).toContain('this run began at 2026-01-08T00:00:00.000Z, before run run-1');
});

test('records of other streams may come in the middle of a slice', async () => {
  const rows = [
    ['a', '1', '4', 'false'],
    ['b', '1', '5', 'false'],
  ];
  const [first, second, ...closing] = messagesOf({ executionId: 'e1', rows });
  const users = [
    '{"type":"SCHEMA","stream":"users","key_properties":["id"],"schema":{"properties":{"id":{"type":"integer"}}}}',
    '{"type":"RECORD","stream":"users","record":{"id":1}}',
  ];
  const more = [
    '{"type":"SCHEMA","stream":"users","key_properties":["id"],"schema":{"properties":{"id":{"type":"number"}}}}',
    '{"type":"RECORD","stream":"users","record":{"id":2.5}}',
  ];
  const { states, failure } = await load([
    ...SCHEMAS,
    ...users,
    first!,
    ...more,
    second!,
    ...closing,
  ]);
  expect(failure).toBeUndefined();
  expect(states).toHaveLength(1);
  expect((await tables('traffic_events')).clicks).toHaveLength(2);
  expect(await database.query('SELECT id::text FROM traffic_events.users ORDER BY 1')).toEqual([
    { id: '1' },
    { id: '2.5' },
  ]);
});
