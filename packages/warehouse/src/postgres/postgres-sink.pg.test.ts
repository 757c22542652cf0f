import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RefusedOutcome, SliceResult } from '@traffic-events/slice';
import { PostgresSink } from './postgres-sink.ts';
import {
  ACCOUNT,
  CLICKS,
  DATE,
  partitionChange,
  RUN,
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
beforeEach(() => database.query('DROP SCHEMA IF EXISTS traffic_events CASCADE'));

const clicks = () =>
  database.query('SELECT * FROM traffic_events.dsp_clicks ORDER BY account_id, row_number');
const ledger = () =>
  database.query('SELECT * FROM traffic_events.extractions ORDER BY extraction_id');

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
