import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RefusedOutcome, SliceResult } from '@traffic-events/slice';
import { PostgresSink } from './postgres-sink.ts';
import {
  CLICKS,
  DATE,
  ledgerRow,
  partitionChange,
  sliceResult,
} from '../testing/slice-fixtures.ts';
import type { SliceFixture } from '../testing/slice-fixtures.ts';
import { createTestDatabase } from './testing/test-database.ts';
import type { TestDatabase } from './testing/test-database.ts';

const ACCOUNT = 'DE:dsp:1234';
const RUN = { id: 'run-1', started_at: '2026-01-09T06:00:00.000Z' };
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(() => database.query('DROP SCHEMA IF EXISTS traffic_events CASCADE'));

async function withSink<T>(work: (sink: PostgresSink) => Promise<T>, run = RUN): Promise<T> {
  const sink = new PostgresSink({ connection: { url: database.url } });
  try {
    await sink.open(run, [CLICKS], [ACCOUNT, 'UK:dsp:1234']);
    return await work(sink);
  } finally {
    await sink.close();
  }
}

const deliver = (sink: PostgresSink, fixture: SliceFixture, bookmark: string | null = null) =>
  sink.slice(sliceResult(fixture), partitionChange({ ...fixture, bookmark }));

const clicks = () =>
  database.query('SELECT * FROM traffic_events.dsp_clicks ORDER BY account_id, row_number');
const ledger = () =>
  database.query('SELECT * FROM traffic_events.extractions ORDER BY extraction_id');

test('a slice, its ledger row and its state arrive together and exactly', async () => {
  const rows = [
    ['a\tb\\n\n"c"', '123456789012345678', '9007199254740993', 'false'],
    [null, null, '5', 'true'],
    ['', '1', null, 'false'],
  ];
  const outcome = await withSink((sink) => deliver(sink, { executionId: 'e1', rows }, DATE));
  expect(outcome).toEqual({ kind: 'applied' });
  expect(await clicks()).toEqual(
    rows.map(([campaign, campaignId, count, filtered], index) => ({
      account_id: ACCOUNT,
      marketplace: 'DE',
      event_date: DATE,
      filtered: filtered === 'true',
      campaign,
      campaign_id: campaignId,
      clicks: count,
      execution_id: 'e1',
      row_number: String(index + 1),
      extracted_at: new Date('2026-01-09T06:20:00Z'),
    })),
  );
  expect(await ledger()).toMatchObject([
    { extraction_id: 'e1', status: 'settled', row_count: '3', sums: { clicks: null } },
  ]);
  const sink = new PostgresSink({ connection: { url: database.url } });
  expect(await sink.readStates([ACCOUNT])).toEqual([partitionChange({ bookmark: DATE })]);
  expect(await sink.readStates(['UK:dsp:1234'])).toEqual([]);
  await sink.close();
});

test('a better copy replaces, a poorer one is entered with its reason', async () => {
  await withSink(async (sink) => {
    await deliver(sink, {
      executionId: 'e1',
      settled: false,
      createTime: '2026-01-06T06:00:00Z',
      rows: [['a', '1', '4', 'false']],
    });
    await deliver(sink, { executionId: 'e2', rows: [['a', '1', '6', 'false']] });
    const kept = await deliver(sink, {
      executionId: 'e3',
      complete: false,
      createTime: '2026-02-20T06:00:00Z',
      rows: [['a', '1', '3', 'false']],
    });
    expect(kept).toEqual({
      kind: 'kept_better',
      suspect: false,
      reason: 'part of it had expired; the copy of execution e2 is kept',
    });
    const suspect = await deliver(sink, {
      executionId: 'e4',
      createTime: '2026-01-10T06:00:00Z',
      rows: [['a', '1', '2', 'false']],
    });
    expect(suspect).toMatchObject({ kind: 'kept_better', reason: /main sum 2 is below half of 6/ });
  });
  expect(await clicks()).toMatchObject([{ execution_id: 'e2', clicks: '6' }]);
  expect(await ledger()).toMatchObject([
    { extraction_id: 'e1', status: 'open' },
    { extraction_id: 'e2', status: 'settled' },
    { extraction_id: 'e3', status: 'kept_better', complete: false },
    { extraction_id: 'e4', status: 'kept_better', suspect: true },
  ]);
});

test('sums of two definitions are not compared, ranks are', async () => {
  await withSink(async (sink) => {
    await deliver(sink, { executionId: 'd1', rows: [['a', '1', '10', 'false']] });
    const other = { createTime: '2026-01-10T06:00:00Z', fingerprint: 'fp2' };
    const empty = await deliver(sink, { ...other, executionId: 'd2', rows: [] });
    expect(empty).toMatchObject({ kind: 'kept_better', suspect: true });
    const partial = { ...other, executionId: 'd3', complete: false };
    expect(await deliver(sink, { ...partial, rows: [['a', '1', '9', 'false']] })).toMatchObject({
      kind: 'kept_better',
      suspect: false,
    });
    const small = await deliver(sink, {
      ...other,
      executionId: 'd4',
      rows: [['a', '1', '1', 'false']],
    });
    expect(small).toEqual({ kind: 'applied' });
  });
  expect(await clicks()).toMatchObject([{ execution_id: 'd4', clicks: '1' }]);
});

test('the same execution again changes nothing', async () => {
  const fixture = {
    executionId: 'e1',
    rows: [
      ['a', '1', '4', 'false'],
      ['b', '2', '5', 'false'],
    ],
  };
  await withSink((sink) => deliver(sink, fixture));
  const before = [await clicks(), await ledger()];
  await withSink((sink) => deliver(sink, fixture));
  expect([await clicks(), await ledger()]).toEqual(before);
});

test('an empty slice replaces an unsettled empty one and is in the ledger', async () => {
  await withSink((sink) => deliver(sink, { executionId: 'e1', rows: [] }));
  expect(await clicks()).toEqual([]);
  expect(await ledger()).toMatchObject([{ extraction_id: 'e1', row_count: '0' }]);
});

test('a wrong row count leaves nothing', async () => {
  await expect(
    withSink((sink) =>
      deliver(sink, { executionId: 'e1', rows: [['a', '1', '4', 'false']], declaredRowCount: 2 }),
    ),
  ).rejects.toThrow(
    'Slice dsp_clicks DE:dsp:1234 2026-01-05: its STATE declares 2 rows, but 1 arrived. Nothing of it was kept.',
  );
  expect(await clicks()).toEqual([]);
  expect(await ledger()).toEqual([]);
});

test('the same advertiser in two marketplaces is two accounts', async () => {
  await withSink(async (sink) => {
    await deliver(sink, { executionId: 'e1', rows: [['a', '1', '4', 'false']] });
    await deliver(sink, {
      executionId: 'e2',
      accountId: 'UK:dsp:1234',
      rows: [['a', '1', '9', 'false']],
    });
    await deliver(sink, {
      executionId: 'e3',
      createTime: '2026-01-10T06:00:00Z',
      rows: [['a', '1', '5', 'false']],
    });
  });
  expect(await clicks()).toMatchObject([
    { account_id: ACCOUNT, clicks: '5' },
    { account_id: 'UK:dsp:1234', clicks: '9' },
  ]);
});

test('a failure never overwrites the row that says what is held', async () => {
  await withSink(async (sink) => {
    await deliver(sink, { executionId: 'e1', rows: [['a', '1', '4', 'false']] });
    const failed = ledgerRow({ executionId: 'e1', rowCount: 0, clicks: null });
    await sink.ledger([{ ...failed, status: 'failed' }], [partitionChange({ bookmark: DATE })]);
  });
  expect(await ledger()).toMatchObject([{ extraction_id: 'e1', status: 'settled' }]);
});

test('a run that began before the last committed one is refused', async () => {
  await withSink((sink) => deliver(sink, { executionId: 'e1', rows: [] }));
  const older = { id: 'run-0', started_at: '2026-01-08T06:00:00.000Z' };
  await expect(withSink(() => Promise.resolve(), older)).rejects.toThrow(
    'Account DE:dsp:1234: this run began at 2026-01-08T06:00:00.000Z, before run run-1 (begun 2026-01-09T06:00:00.000Z), which has already been loaded.',
  );
});

describe('an account in another time zone', () => {
  const BERLIN = `${ACCOUNT}@Europe/Berlin`;

  test('is refused before anything is read or written, whatever is configured beside it', async () => {
    await withSink((sink) =>
      deliver(sink, { executionId: 'e1', rows: [['a', '1', '4', 'false']] }),
    );
    const sink = new PostgresSink({ connection: { url: database.url } });
    const refusal = `Account ${BERLIN}: the warehouse holds it as ${ACCOUNT}. An account's time zone is chosen for good`;
    await expect(sink.readStates(['UK:dsp:1234', BERLIN])).rejects.toThrow(refusal);
    await expect(sink.open(RUN, [CLICKS], [BERLIN])).rejects.toThrow(refusal);
    await sink.close();
    await withSink((again) => deliver(again, { executionId: 'e1', rows: [] }));
  });

  test('is refused where only the ledger, or only a state, knows of the former one', async () => {
    const sink = new PostgresSink({ connection: { url: database.url } });
    await withSink((first) => deliver(first, { executionId: 'e1', rows: [] }));
    await database.query('DELETE FROM traffic_events._traffic_events_state');
    await expect(sink.readStates([BERLIN])).rejects.toThrow(`holds it as ${ACCOUNT}`);
    await withSink((first) => first.state(partitionChange({})));
    await database.query('DELETE FROM traffic_events.extractions');
    await expect(sink.readStates([BERLIN])).rejects.toThrow(`holds it as ${ACCOUNT}`);
    await sink.close();
  });

  test('is refused in the same run', async () => {
    const sink = new PostgresSink({ connection: { url: database.url } });
    await expect(sink.readStates([ACCOUNT, BERLIN])).rejects.toThrow(`holds it as ${ACCOUNT}`);
    await sink.close();
  });
});

describe('a slice that PostgreSQL cannot take', () => {
  const TYPES = [
    ['name', 'STRING', { type: ['null', 'string'] }, 'a'],
    ['whole', 'LONG', { type: ['null', 'integer'] }, '1'],
    ['share', 'DOUBLE', { type: ['null', 'number'] }, '0.5'],
    ['day', 'DATE', { type: ['null', 'string'], format: 'date' }, '2026-01-01'],
    [
      'instant',
      'TIMESTAMP',
      { type: ['null', 'string'], format: 'date-time' },
      '2026-01-01T00:00:00Z',
    ],
  ] as const;
  const columns: SliceFixture['columns'] = [
    ...TYPES.map(([name, type]) => ({ name, type, role: 'dimension' }) as const),
    { name: 'clicks', type: 'LONG', role: 'metric' },
    { name: 'filtered', type: 'BOOLEAN', role: 'discriminator' },
  ];
  const { properties } = CLICKS.schema as { properties: object };
  const MIXED = {
    ...CLICKS,
    schema: {
      ...CLICKS.schema,
      properties: {
        ...properties,
        ...Object.fromEntries(TYPES.map(([name, , schema]) => [name, schema])),
      },
    },
  };
  const good: string[] = [...TYPES.map(([, , , value]) => value), '1', 'false'];
  const withCell = (name: string, cell: string) =>
    good.map((value, at) => (TYPES[at]?.[0] === name ? cell : value));
  const sliceOf = (executionId: string, rows: string[][], createTime?: string) =>
    sliceResult({ executionId, columns, rows, ...(createTime !== undefined && { createTime }) });
  /** The same rows as lines of CSV. */
  const asCanonical = (result: SliceResult, rows: string[][]): SliceResult => ({
    ...result,
    canonical: {
      order: columns.map((_, index) => index),
      async *lines() {
        yield Buffer.from(rows.map((cells) => `${cells.join(',')}\n`).join(''));
      },
    },
  });

  test.each([
    ['name', 'a\u0000b', /column name: "a\\u0000b" holds U\+0000, which PostgreSQL cannot store/],
    ['whole', 'seven', /column whole: "seven" \(invalid input syntax for type bigint/],
    ['day', '0000-01-01', /column day: "0000-01-01" \(date\/time field value out of range/],
    ['instant', '+300000-01-01T00:00:00Z', /column instant: .*out of range/],
    ['whole', '9'.repeat(4000), /column whole: "9+/],
  ])(
    'for its %s is refused by row, column and value, and what comes beside it is kept',
    async (name, cell, reason) => {
      await using sink = await mixedSink();
      const bad = [good, withCell(name, cell)];
      for (const result of [sliceOf('e', bad), asCanonical(sliceOf('e', bad), bad)]) {
        // PostgreSQL's own reader of CSV is never given U+0000: such text is not canonical.
        if (result.canonical !== undefined && cell.includes('\u0000')) continue;
        const outcome = await sink.slice(result, partitionChange({}));
        expect(outcome).toMatchObject({
          kind: 'refused',
          row: 2,
          reason: expect.stringMatching(reason),
        });
        expect((outcome as RefusedOutcome).reason.length).toBeLessThan(1001);
      }
      expect([await clicks(), await ledger()]).toEqual([[], []]);
      expect(await sink.slice(sliceOf('ee', [good]), partitionChange({ bookmark: DATE }))).toEqual({
        kind: 'applied',
      });
      expect(await clicks()).toHaveLength(1);
    },
  );

  test('and what was held stays, with its state', async () => {
    await using sink = await mixedSink();
    await sink.slice(sliceOf('e1', [good]), partitionChange({}));
    const before = [await clicks(), await ledger()];
    const later = sliceOf('e2', [withCell('whole', 'x')], '2026-01-10T06:00:00Z');
    const refused = await sink.slice(later, partitionChange({ bookmark: DATE }));
    expect(refused).toMatchObject({ kind: 'refused' });
    expect([await clicks(), await ledger()]).toEqual(before);
    expect(await sink.readStates([ACCOUNT])).toEqual([partitionChange({})]);
  });

  test('is taken where U+0000 is to become something else', async () => {
    await using sink = await mixedSink({ nulReplacement: '\ufffd' });
    await sink.slice(sliceOf('e', [withCell('name', 'a\u0000b')]), partitionChange({}));
    expect(await clicks()).toMatchObject([{ name: 'a\ufffdb' }]);
  });

  async function mixedSink(options: object = {}): Promise<PostgresSink & AsyncDisposable> {
    const sink = new PostgresSink({ connection: { url: database.url }, ...options });
    await sink.open(RUN, [MIXED], [ACCOUNT]);
    return Object.assign(sink, { [Symbol.asyncDispose]: () => sink.close() });
  }
});

test('a warehouse that is down is named, without the password', async () => {
  const url = `postgresql://someone:hunter2@127.0.0.1:1/nowhere`;
  const sink = new PostgresSink({ connection: { url } });
  const failure = await sink.readStates([ACCOUNT]).catch((error: unknown) => error);
  expect(String(failure)).toContain(
    'Cannot connect to database nowhere on 127.0.0.1:1 as someone: nothing listens there.',
  );
  expect(JSON.stringify(failure) + String(failure)).not.toContain('hunter2');
});

test('a wrong password is named, but not shown', async () => {
  const sink = new PostgresSink({ connection: { url: database.url, password: 'hunter2' } });
  await expect(sink.readStates([ACCOUNT])).rejects.toThrow('the password was refused');
  await expect(sink.readStates([ACCOUNT])).rejects.not.toThrow('hunter2');
});
