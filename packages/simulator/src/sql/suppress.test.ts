import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { suppressionSql } from './suppress.ts';
import type { ExtraColumns, ResultColumn, UserCount } from './suppress.ts';

const metric = (name: string): ResultColumn => ({
  name,
  metric: true,
  threshold: 'NONE',
  type: 'BIGINT',
});

const DEVICES = `VALUES
  (1100::BIGINT, 300::BIGINT, 'iPhone', '11111', 50, 13, 50),
  (200, 100, 'Android', '22222', 30, 8, 30),
  (1300, 500, 'Android', '33333', 133, 87, 133),
  (1700, 700, 'Android', '44444', 108, 359, 359)`;

const devices = (discriminatorColumn?: string) =>
  run(DEVICES, {
    columns: [
      metric('impressions'),
      metric('clicks'),
      { name: 'device', metric: false, threshold: 'LOW', type: 'VARCHAR' },
      { name: 'postal_code', metric: false, threshold: 'HIGH', type: 'VARCHAR' },
    ],
    discriminatorColumn,
  });

async function run(
  query: string,
  options: {
    columns: ResultColumn[];
    discriminatorColumn?: string | undefined;
    extraColumns?: ExtraColumns;
    blank?: boolean;
    userCount?: UserCount;
  },
) {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const positions = options.columns.flatMap((column, index) => (column.metric ? [index] : []));
  const { sql } = suppressionSql(query, {
    columns: options.columns,
    discriminatorColumn: options.discriminatorColumn,
    positions,
    sources: ['dsp_impressions'],
    extraColumns: options.extraColumns ?? {},
    blankMetrics: options.blank ?? false,
    userCount: options.userCount ?? 'effective',
  });
  const rows = (await connection.runAndReadAll(sql)).getRows();
  connection.closeSync();
  instance.closeSync();
  return rows;
}

test("AMC's worked example without the discriminator leaves the row that meets every threshold", async () => {
  expect(await devices()).toEqual([['1700', '700', 'Android', '44444']]);
});

test("AMC's worked example with the discriminator blanks only the columns that miss their own threshold", async () => {
  expect(await devices('filtered')).toEqual([
    ['1100', '300', 'iPhone', null, 'true'],
    ['1500', '600', 'Android', null, 'true'],
    ['1700', '700', 'Android', '44444', 'false'],
  ]);
});

test('a metric without contributions has no say in the users of its row', async () => {
  const columns = [
    metric('impressions'),
    metric('clicks'),
    { name: 'campaign', metric: false, threshold: 'LOW', type: 'VARCHAR' } as const,
  ];
  const rows = await run("VALUES (7::BIGINT, 0::BIGINT, 'a', 3, 0, 3)", { columns });
  expect(rows).toEqual([['7', '0', 'a']]);
});

test('a metric that misses a threshold of its own is blanked only by the switch', async () => {
  const columns: ResultColumn[] = [{ ...metric('clicks'), threshold: 'LOW' }];
  const options = { columns, discriminatorColumn: 'filtered' };
  expect(await run('VALUES (4::BIGINT, 1, 1)', options)).toEqual([['4', 'true']]);
  expect(await run('VALUES (4::BIGINT, 1, 1)', { ...options, blank: true })).toEqual([
    [null, 'true'],
  ]);
});

/** A row of two users, one of whom contributes `amount` and the other 1. */
const shared = (amount: number) => `VALUES (${amount + 1}::BIGINT,
  [{'one': 1::UBIGINT, 'amount': ${amount}::DOUBLE}, {'one': 2, 'amount': 1}], 2)`;

test('equivalent users are the total over the largest contribution', async () => {
  const columns: ResultColumn[] = [{ ...metric('impressions'), threshold: 'LOW' }];
  const options = {
    columns,
    discriminatorColumn: 'filtered',
    extraColumns: { reason: 'reason' },
    userCount: 'equivalent',
  } as const;
  expect(await run(shared(1), options)).toEqual([['2', 'false', null]]);
  expect(await run(shared(9), options)).toEqual([
    ['10', 'true', "1 'dsp_impressions' equivalent users < 2 required"],
  ]);
});
