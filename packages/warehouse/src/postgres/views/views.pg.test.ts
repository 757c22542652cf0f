import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ResultColumn, SliceResult, StreamDescription } from '@traffic-events/slice';
import { PostgresSink } from '../postgres-sink.ts';
import { CLICKS, partitionChange, sliceResult } from '../testing/slice-fixtures.ts';
import { createTestDatabase } from '../testing/test-database.ts';
import type { TestDatabase } from '../testing/test-database.ts';
import { createViews } from './create-views.ts';
import { grantStatements } from './grants.ts';
import { currentViewSql } from './slice-views.ts';

const ACCOUNT = 'DE:dsp:1234@Europe/Berlin';
const DATE = '2026-01-05';
const RUN = { id: 'run-1', started_at: '2026-01-09T06:00:00.000Z' };
let database: TestDatabase;

const column = (name: string, role: ResultColumn['role'] = 'metric'): ResultColumn => ({
  name,
  role,
  type:
    role === 'discriminator'
      ? 'BOOLEAN'
      : name === 'campaign' || name === 'view_definition'
        ? 'STRING'
        : 'LONG',
});
const NAMES = [column('campaign_id', 'dimension'), column('campaign', 'dimension')];
const FILTERED = column('filtered', 'discriminator');
const SOURCES: Readonly<Record<string, readonly ResultColumn[]>> = {
  dsp_impressions: [...NAMES, column('impressions'), column('total_cost'), FILTERED],
  dsp_clicks: [...NAMES, column('clicks'), FILTERED],
  dsp_views: [
    ...NAMES,
    column('view_definition', 'dimension'),
    column('measurable_impressions'),
    column('viewable_impressions'),
    FILTERED,
  ],
  dsp_invalid_impressions: [...NAMES, column('invalid_impressions'), FILTERED],
};

const ROWS: Readonly<Record<string, readonly (readonly (string | null)[])[]>> = {
  dsp_impressions: [
    ['1', 'One', '100', '250000', 'false'],
    ['1', 'One', '50', '50000', 'false'],
    ['2', 'Two', '80', '10', 'false'],
    [null, null, '20', null, 'true'],
  ],
  dsp_clicks: [
    ['1', 'One', '3', 'false'],
    [null, null, '2', 'true'],
  ],
  dsp_views: [
    ['1', 'One', 'MRC', '90', '45', 'false'],
    ['2', 'Two', 'MRC', '10', '5', 'false'],
    ['1', 'One', 'OTHER', '90', '90', 'false'],
  ],
  dsp_invalid_impressions: [
    ['1', 'One', '15', 'false'],
    [null, null, '45', 'true'],
  ],
};

function descriptionOf(stream: string): StreamDescription {
  const { schema } = CLICKS;
  const own = (SOURCES[stream] ?? []).map(({ name, type }) => [
    name,
    { type: type === 'BOOLEAN' ? 'boolean' : ['null', type === 'STRING' ? 'string' : 'integer'] },
  ]);
  const {
    campaign: _campaign,
    campaign_id: _id,
    clicks: _clicks,
    ...reserved
  } = schema['properties'] as Record<string, object>;
  return {
    ...CLICKS,
    stream,
    schema: { ...schema, properties: { ...reserved, ...Object.fromEntries(own) } },
  };
}

function resultOf(stream: string): SliceResult {
  const rows = ROWS[stream] ?? [];
  return sliceResult({
    stream,
    accountId: ACCOUNT,
    executionId: `e-${stream}`,
    columns: SOURCES[stream] ?? [],
    rows,
  });
}

beforeAll(async () => {
  database = await createTestDatabase();
  const sink = new PostgresSink({ connection: { url: database.url } });
  const streams = Object.keys(SOURCES);
  await sink.open(RUN, streams.map(descriptionOf), [ACCOUNT]);
  for (const stream of streams) {
    await sink.slice(resultOf(stream), partitionChange({ stream, accountId: ACCOUNT }));
  }
  await sink.close();
  await createViews({ connection: { url: database.url } });
});
afterAll(() => database.drop());

const daily = (columns: string) =>
  database.query(
    `SELECT ${columns} FROM traffic_events.dsp_daily ORDER BY is_suppressed, campaign_id`,
  );

test('sources stand side by side, each summed before, suppressed traffic in a row of its own', async () => {
  expect(
    await daily(
      'event_date, campaign_id, campaign, is_suppressed, impressions, clicks, invalid_impressions',
    ),
  ).toEqual([
    {
      event_date: DATE,
      campaign_id: '1',
      campaign: 'One',
      is_suppressed: false,
      impressions: '150',
      clicks: '3',
      invalid_impressions: '15',
    },
    {
      event_date: DATE,
      campaign_id: '2',
      campaign: 'Two',
      is_suppressed: false,
      impressions: '80',
      clicks: null,
      invalid_impressions: null,
    },
    {
      event_date: DATE,
      campaign_id: null,
      campaign: '(suppressed)',
      is_suppressed: true,
      impressions: '20',
      clicks: '2',
      invalid_impressions: '45',
    },
  ]);
});

test('rates are of one source beside another, and NULL where nothing can be said', async () => {
  expect(
    await daily(
      'click_through_rate::float, viewability::float, view_definition, invalid_impression_rate::float, invalid_impressions_suppressed_share::float',
    ),
  ).toEqual([
    {
      click_through_rate: 0.02,
      viewability: 0.5,
      view_definition: 'MRC',
      invalid_impression_rate: 0.1,
      invalid_impressions_suppressed_share: 0.75,
    },
    {
      click_through_rate: null,
      viewability: 0.5,
      view_definition: 'MRC',
      invalid_impression_rate: null,
      invalid_impressions_suppressed_share: 0.75,
    },
    {
      click_through_rate: null,
      viewability: null,
      view_definition: null,
      invalid_impression_rate: null,
      invalid_impressions_suppressed_share: 0.75,
    },
  ]);
});

const costs = () => daily('total_cost, currency, total_cost_in_currency::float');

test('cost is in currency only where the account has one, and unknown where it was blanked', async () => {
  expect(await costs()).toMatchObject([
    { total_cost: '300000', currency: null, total_cost_in_currency: null },
    {},
    { total_cost: null },
  ]);
  await database.query('INSERT INTO traffic_events.account_currencies VALUES ($1, $2)', [
    ACCOUNT,
    'EUR',
  ]);
  expect(await costs()).toMatchObject([
    { currency: 'EUR', total_cost_in_currency: 3 },
    {},
    { total_cost_in_currency: null },
  ]);
});

test('coverage tells how each date stands and when it is lost, in the zone of the account', async () => {
  await database.query(
    `INSERT INTO traffic_events.extractions (extraction_id, stream, account_id, marketplace, event_date, status, sums, fingerprint, run_id, recorded_at)
     VALUES ('x', 'dsp_clicks', $1, 'DE', '2026-01-07', 'missed', '{}', 'f', 'r', '2026-02-07Z'),
            ('y', 'dsp_clicks', $1, 'DE', '2026-01-05', 'failed', '{}', 'f', 'r', '2026-02-07Z')`,
    [ACCOUNT],
  );
  expect(
    await database.query(
      "SELECT event_date, status, lost_at FROM traffic_events.coverage WHERE stream = 'dsp_clicks' ORDER BY 1",
    ),
  ).toEqual([
    { event_date: '2026-01-05', status: 'settled', lost_at: new Date('2026-02-03T23:00:00Z') },
    { event_date: '2026-01-06', status: 'absent', lost_at: new Date('2026-02-04T23:00:00Z') },
    { event_date: '2026-01-07', status: 'missed', lost_at: new Date('2026-02-05T23:00:00Z') },
  ]);
});

test('views are made again over what is there, and views built on them stay', async () => {
  await database.query(
    'CREATE VIEW traffic_events.own AS SELECT campaign FROM traffic_events.dsp_daily',
  );
  await createViews({ connection: { url: database.url } });
  expect(await database.query('SELECT * FROM traffic_events.own')).toHaveLength(3);
  expect(await database.query('SELECT * FROM traffic_events.dsp_clicks_current')).toHaveLength(2);
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
    await sink.open(RUN, [descriptionOf('dsp_clicks')], [ACCOUNT]);
    await sink.slice(resultOf('dsp_clicks'), partitionChange({ accountId: ACCOUNT }));
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
