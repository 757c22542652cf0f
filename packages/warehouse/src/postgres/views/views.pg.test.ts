import { afterAll, beforeAll, expect, test } from 'vitest';
import { fixtureInserts, fixtureStreams, VIEW_ACCOUNT } from '../../views/testing/view-fixture.ts';
import {
  comparable,
  VIEW_CASES,
  VIEW_CLOCK,
  VIEW_CURRENCIES,
  VIEW_RATES,
} from '../../views/testing/view-cases.ts';
import { PostgresSink } from '../postgres-sink.ts';
import { ACCOUNT, CLICKS, partitionChange, sliceResult } from '../../testing/slice-fixtures.ts';
import { createTestDatabase } from '../testing/test-database.ts';
import type { TestDatabase } from '../testing/test-database.ts';
import { openWarehouse } from '../../open-warehouse.ts';
import { createViews } from './create-views.ts';
import { grantStatements } from './grants.ts';
import { currentViewSql } from './postgres-views.ts';

const RUN = { id: 'run-1', started_at: '2026-01-09T06:00:00.000Z' };
let database: TestDatabase;

/** Numbers unless a type is given; as views were before wholeness and withheld sums joined them. */
const SLICE_NAMES =
  'account_id:text marketplace:text event_date:date campaign_id:bigint campaign:text is_suppressed:boolean';
const RATES =
  'click_through_rate viewability invalid_impression_rate invalid_impressions_suppressed_share invalid_click_rate invalid_clicks_suppressed_share';
const FORMER_VIEWS: Readonly<Record<string, string>> = {
  dsp_daily: `${SLICE_NAMES} impressions impression_cost total_cost clicks measurable_impressions viewable_impressions invalid_impressions invalid_clicks view_definition:text currency:text impression_cost_in_currency total_cost_in_currency ${RATES}`,
  sponsored_ads_daily: `${SLICE_NAMES} impressions clicks measured_impressions unmeasurable_viewable_impressions viewable_impressions invalid_impressions invalid_clicks view_definition:text currency:text ${RATES}`,
  adserver_daily: `${SLICE_NAMES} impressions clicks measurable_impressions viewable_impressions invalid_impressions invalid_clicks currency:text ${RATES}`,
  coverage:
    'stream:text account_id:text event_date:date status:text execution_id:text create_time:timestamptz row_count:bigint reason:text lost_at:timestamptz',
};

/** Views of a former version, which a user's own view may stand on. */
function formerViews(): string[] {
  return Object.entries(FORMER_VIEWS).map(([view, columns]) => {
    const list = columns.split(' ').map((column) => {
      const [name, type = 'numeric'] = column.split(':');
      return `NULL::${type} AS ${name}`;
    });
    return `CREATE VIEW ${qualified(view)} AS SELECT ${list.join(', ')}`;
  });
}

const qualified = (table: string) => `traffic_events.${table}`;

beforeAll(async () => {
  database = await createTestDatabase();
  const sink = new PostgresSink({ connection: { url: database.url } });
  await sink.open(RUN, fixtureStreams(), [VIEW_ACCOUNT]);
  await sink.close();
  for (const { stream } of fixtureStreams()) {
    await database.query(`
      CREATE TABLE ${qualified(`${stream}_early`)} PARTITION OF ${qualified(stream)} FOR VALUES FROM (MINVALUE) TO ('2026-02-01');
      CREATE TABLE ${qualified(`${stream}_late`)} PARTITION OF ${qualified(stream)} FOR VALUES FROM ('2026-02-01') TO (MAXVALUE)`);
  }
  for (const insert of fixtureInserts(qualified)) await database.query(insert);
  for (const view of formerViews()) await database.query(view);
  await database.query(
    `CREATE VIEW ${qualified('own')} AS SELECT campaign FROM ${qualified('dsp_daily')}`,
  );
  const warehouse = await openWarehouse({ url: database.url }, {});
  for (const rates of VIEW_RATES) await warehouse.putExchangeRates(rates);
  await createViews({
    connection: { url: database.url },
    currencies: VIEW_CURRENCIES,
    reportingCurrency: 'USD',
    clock: VIEW_CLOCK,
  });
});
afterAll(() => database.drop());

test.each(VIEW_CASES)('in every warehouse: $name', async ({ sql, rows }) => {
  expect(comparable(await database.query(sql(qualified)))).toEqual(comparable(rows));
});

test.each(['dsp_daily', 'sponsored_ads_daily', 'adserver_daily', 'dsp_views_current'])(
  'a filter on the event date of %s reaches the tables: other partitions are not read',
  async (view) => {
    const plan = await database.query(
      `EXPLAIN SELECT * FROM ${qualified(view)} WHERE event_date BETWEEN '2026-01-01' AND '2026-01-31'`,
    );
    const text = JSON.stringify(plan);
    expect(text).toContain('_early');
    expect(text).not.toContain('_late');
  },
);

test('a currency that is given again takes the place of the old one, others stay', async () => {
  const currencies = { 'US:dsp:9': 'CAD', 'DE:dsp:8': 'EUR' };
  await createViews({ connection: { url: database.url }, currencies });
  expect(
    await database.query(
      'SELECT account_id, currency FROM traffic_events.account_currencies ORDER BY account_id',
    ),
  ).toEqual([
    { account_id: 'DE:dsp:7', currency: 'EUR' },
    { account_id: 'DE:dsp:8', currency: 'EUR' },
    { account_id: 'US:dsp:9', currency: 'CAD' },
  ]);
});

test('views are made again over what is there, also of a former version, and views built on them stay', async () => {
  await createViews({ connection: { url: database.url } });
  const [counts] = await database.query(
    'SELECT (SELECT count(*) FROM traffic_events.own) = (SELECT count(*) FROM traffic_events.dsp_daily) AS alike',
  );
  expect(counts).toEqual({ alike: true });
});

test('behind another loader, *_current answers with the best copy whose rows are all there', async () => {
  await database.query(`
    CREATE SCHEMA other;
    CREATE TABLE other.extractions (LIKE traffic_events.extractions);
    CREATE TABLE other.clicks (account_id text, event_date date, execution_id text, row_number bigint, n int);
    INSERT INTO other.clicks VALUES ('a', '2026-01-05', 'old', 1, 1), ('a', '2026-01-05', 'new', 1, 2),
      ('a', '2026-01-05', 'torn', 1, 3), ('a', '2026-01-06', 'only', 1, 4);
    INSERT INTO other.extractions (extraction_id, execution_id, stream, account_id, marketplace, event_date, status, create_time,
        row_count, sums, complete, settled, suspect, fingerprint, run_id, recorded_at)
    SELECT id, id, 'clicks', 'a', 'DE', date, 'settled', create_time::timestamptz, rows, '{}', true, true, false, 'f', 'r', '2026-01-09Z'
      FROM (VALUES ('old', '2026-01-05'::date, '2026-01-08Z', 1), ('new', '2026-01-05', '2026-01-09Z', 1),
                   ('torn', '2026-01-05', '2026-01-10Z', 2), ('only', '2026-01-06', '2026-01-09Z', 1)) AS t (id, date, create_time, rows)`);
  await database.query(currentViewSql('other', 'clicks', 'clicks'));
  expect(await database.query('SELECT execution_id FROM other.clicks_current ORDER BY n')).toEqual([
    { execution_id: 'new' },
    { execution_id: 'only' },
  ]);
});

test('after a first sync, and again, the reader sees what comes later, whoever loads', async () => {
  const names = { reader: `late_reader_${database.name}`, loader: `late_loader_${database.name}` };
  const first = `first_${database.name}`;
  await database.query(`CREATE ROLE ${first} LOGIN PASSWORD 'first'`);
  await database.query(`GRANT CREATE ON DATABASE ${database.name} TO ${first}`);
  const loadAs = async (user: string, password: string, stream: typeof CLICKS) => {
    const connection = { url: database.url, user, password };
    const sink = new PostgresSink({ connection, schema: 'late' });
    await sink.open({ ...RUN, id: stream.stream }, [stream], [ACCOUNT]);
    await sink.close();
  };
  try {
    await loadAs(first, 'first', { ...CLICKS, stream: 'one' });
    for (const _ of ['once', 'again']) {
      for (const statement of grantStatements({ schema: 'late', ...names }))
        await database.query(statement);
    }
    await database.query(`ALTER ROLE ${names.loader} LOGIN PASSWORD 'load'`);
    await loadAs(first, 'first', { ...CLICKS, stream: 'two' });
    await loadAs(names.loader, 'load', { ...CLICKS, stream: 'three' });
    await database.query(`SET ROLE ${names.reader}`);
    for (const table of ['one', 'two', 'three']) {
      expect(await database.query(`SELECT * FROM late.${table}`)).toEqual([]);
    }
  } finally {
    await database.query(`RESET ROLE; DROP SCHEMA IF EXISTS late CASCADE`);
    for (const role of [names.reader, names.loader, first]) {
      await database.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    }
  }
});

test('the reader reads and nothing more, the loader loads and nothing more', async () => {
  const names = { reader: `reader_${database.name}`, loader: `loader_${database.name}` };
  try {
    for (const statement of grantStatements({ schema: 'granted', ...names }))
      await database.query(statement);
    await database.query(
      `ALTER ROLE ${names.loader} LOGIN PASSWORD 'load'; ALTER ROLE ${names.reader} LOGIN PASSWORD 'read'`,
    );
    const connection = { url: database.url, user: names.loader, password: 'load' };
    const sink = new PostgresSink({ connection, schema: 'granted' });
    await sink.open(RUN, [CLICKS], [ACCOUNT]);
    const rows = [
      ['One', '1', '3', 'false'],
      [null, null, '2', 'true'],
    ];
    await sink.slice(sliceResult({ executionId: 'e1', rows }), partitionChange({}));
    await sink.close();
    await createViews({ connection, schema: 'granted' });
    await database.query(`SET ROLE ${names.reader}`);
    expect(await database.query('SELECT clicks FROM granted.dsp_daily')).toHaveLength(2);
    await expect(database.query('DELETE FROM granted.dsp_clicks')).rejects.toThrow(
      'permission denied',
    );
    await expect(database.query('CREATE TABLE granted.x ()')).rejects.toThrow('permission denied');
    await database.query(`RESET ROLE; SET ROLE ${names.loader}`);
    await expect(database.query('SELECT * FROM traffic_events.dsp_clicks')).rejects.toThrow(
      'permission denied',
    );
  } finally {
    await database.query(`RESET ROLE; DROP OWNED BY ${names.loader}; DROP OWNED BY ${names.reader};
      DROP SCHEMA IF EXISTS granted CASCADE; DROP ROLE ${names.loader}; DROP ROLE ${names.reader}`);
  }
});
