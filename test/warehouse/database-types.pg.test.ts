import { builtInStreams, describeStream } from '@traffic-events/source';
import type { BuiltInColumns } from '@traffic-events/source';
import { createViews, PostgresSink } from '@traffic-events/warehouse/postgres';
import type { WarehouseDatabase } from '@traffic-events/warehouse/postgres';
import { createTestDatabase } from '@traffic-events/warehouse/postgres/testing';
import type { TestDatabase } from '@traffic-events/warehouse/postgres/testing';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';

const RUN = { id: 'run-1', started_at: '2026-01-09T06:00:00.000Z' };
let database: TestDatabase;
let warehouse: Kysely<WarehouseDatabase<BuiltInColumns>>;

beforeAll(async () => {
  database = await createTestDatabase();
  const sink = new PostgresSink({ connection: { url: database.url } });
  await sink.open(RUN, builtInStreams().map(describeStream), ['DE:dsp:1']);
  await sink.close();
  await createViews({ connection: { url: database.url } });
  const pool = new pg.Pool({ connectionString: database.url });
  warehouse = new Kysely<WarehouseDatabase<BuiltInColumns>>({
    dialect: new PostgresDialect({ pool }),
  }).withSchema('traffic_events');
});
afterAll(async () => {
  await warehouse.destroy();
  await database.drop();
});

test('queries over tables and views are typed and run', async () => {
  const totals = await warehouse
    .selectFrom('dsp_impressions')
    .select(({ fn }) => ['event_date', fn.sum<string>('impressions').as('impressions')])
    .where('account_id', '=', 'DE:dsp:1')
    .groupBy('event_date')
    .execute();
  const daily = await warehouse
    .selectFrom('dsp_daily')
    .select(['campaign', 'impressions', 'clicks', 'click_through_rate', 'total_cost_in_currency'])
    .select(['click_through_rate_high', 'clicks_withheld', 'clicks_suppressed_share'])
    .select(['dsp_clicks_status', 'dsp_clicks_is_whole'])
    .where('is_suppressed', '=', false)
    .execute();
  const lost = await warehouse
    .selectFrom('coverage')
    .select(['stream', 'event_date', 'lost_at', 'days_left'])
    .where('status', '=', 'open')
    .execute();
  const others = await Promise.all([
    warehouse
      .selectFrom('sponsored_ads_daily')
      .select(['viewability', 'view_definition'])
      .execute(),
    warehouse.selectFrom('adserver_daily').select(['measurable_impressions', 'grain']).execute(),
    warehouse
      .selectFrom('dsp_account_daily')
      .select(['grain', 'clicks', 'clicks_difference', 'click_through_rate', 'dsp_clicks_status'])
      .execute(),
    warehouse.selectFrom('dsp_views_current').select(['events', 'filtered']).execute(),
    warehouse.selectFrom('account_currencies').selectAll().execute(),
    warehouse
      .selectFrom('devices_traffic_hourly')
      .select(['event_dt_hour_utc', 'total_cost', 'row_number'])
      .execute(),
  ]);
  expect([totals, daily, lost, ...others].flat()).toEqual([]);
});

test('every table, every view and every column says what it is', async () => {
  const silent = await database.query(
    `SELECT c.relname, a.attname
       FROM pg_class c
       LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE c.relnamespace = 'traffic_events'::regnamespace AND c.relkind IN ('r', 'p', 'v')
        AND NOT c.relispartition
        AND (obj_description(c.oid, 'pg_class') IS NULL OR col_description(c.oid, a.attnum) IS NULL)`,
  );
  expect(silent).toEqual([]);
});
