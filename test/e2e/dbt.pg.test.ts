import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DbtProject } from '../conformance/dbt-project.ts';
import { hasPython } from '../conformance/python-peers.ts';
import { isThorough } from '../reporting/thorough.ts';
import { EventsTruth } from './whole-path/events-truth.ts';
import { DSP_ACCOUNTS, ENTITY, questionsWorld } from './whole-path/questions-world.ts';
import type { QuestionsWorld } from './whole-path/questions-world.ts';

const INSTALLING_TIMEOUT_MS = 600_000;

/** Columns of dbt_ad_reporting 2.3.0, in its order. */
const KEYS = 'source_relation date_day platform account_id account_name';
const METRICS = 'clicks impressions spend conversions conversions_value';
const CAMPAIGN = 'campaign_id campaign_name';
const AD_GROUP = 'ad_group_id ad_group_name';
const REPORTS = {
  account: `${KEYS} ${METRICS}`,
  campaign: `${KEYS} ${CAMPAIGN} ${METRICS}`,
  ad_group: `${KEYS} ${CAMPAIGN} ${AD_GROUP} ${METRICS}`,
  ad: `${KEYS} ${CAMPAIGN} ${AD_GROUP} ad_id ad_name ${METRICS}`,
};

describe.runIf(isThorough && hasPython())('the dbt package in PostgreSQL', () => {
  let asked: QuestionsWorld;
  let project: DbtProject;
  beforeAll(async () => {
    asked = await questionsWorld();
    const url = new URL(asked.warehouse.url);
    project = await DbtProject.create({
      type: 'postgres',
      host: url.hostname,
      port: Number(url.port),
      user: url.username,
      password: decodeURIComponent(url.password),
      dbname: url.pathname.slice(1),
      schema: 'reports',
      threads: 2,
    });
    const built = await project.dbt('build');
    if (built.code !== 0) throw new Error(built.stdout);
  }, INSTALLING_TIMEOUT_MS);
  afterAll(async () => {
    project[Symbol.dispose]();
    await asked[Symbol.asyncDispose]();
  });

  test.each(Object.entries(REPORTS))(
    'the %s report has the columns of dbt_ad_reporting, and its days are what happened',
    async (report, columns) => {
      const relation = `reports.traffic_events__${report}_report`;
      const found = await asked.warehouse.query<{ name: string }>(
        `SELECT attname AS name FROM pg_attribute WHERE attrelid = '${relation}'::regclass AND attnum > 0 ORDER BY attnum`,
      );
      expect(found.map(({ name }) => name).join(' ')).toBe(columns);
      const truth = new EventsTruth(asked.world.simulator);
      const told = await asked.warehouse.query<Record<string, string | null>>(
        `SELECT platform, sum(clicks)::text AS clicks, sum(impressions)::text AS impressions FROM ${relation}
          WHERE date_day <= '2026-02-02' GROUP BY platform ORDER BY platform`,
      );
      const totalOf = async (
        dataSource: 'dsp_clicks' | 'dsp_impressions' | 'sponsored_ads_traffic',
        metric: string,
      ) => {
        const accounts = dataSource === 'sponsored_ads_traffic' ? [ENTITY] : DSP_ACCOUNTS;
        const sums = await truth.sums({ dataSource, metric, accounts, by: [] });
        return sums.get('');
      };
      expect(
        told.map((row) => [row['platform'], Number(row['clicks']), Number(row['impressions'])]),
      ).toEqual([
        [
          'amazon_dsp',
          await totalOf('dsp_clicks', 'clicks'),
          await totalOf('dsp_impressions', 'impressions'),
        ],
        [
          'amazon_sponsored_ads',
          await totalOf('sponsored_ads_traffic', 'clicks'),
          await totalOf('sponsored_ads_traffic', 'impressions'),
        ],
      ]);
    },
  );

  test('freshness finds a ledger that nobody has written to for days', async () => {
    const ended = await project.dbt('source', 'freshness');
    expect(ended.code).toBe(1);
    expect(project.artifact('sources.json')).toMatchObject({
      results: [{ unique_id: 'source.traffic_events.traffic_events.extractions', status: 'error' }],
    });
  });

  test('spend in the currency of reports is NULL on the day that has no rate', async () => {
    const built = await project.dbt('build', '--vars', '{traffic_events_spend: reporting}');
    expect(built.code, built.stdout).toBe(0);
    const [, british] = DSP_ACCOUNTS;
    expect(
      await asked.warehouse.query(
        `SELECT count(*) - count(spend) AS missing, min(date_day)::text AS first FROM reports.traffic_events__account_report
          WHERE account_id = '${british}' AND date_day BETWEEN '2026-01-30' AND '2026-02-02'`,
      ),
    ).toEqual([{ missing: '1', first: '2026-01-30' }]);
  });

  test('an account of one kind, a later first date and a named database leave out the rest', async () => {
    const { pathname } = new URL(asked.warehouse.url);
    const variables = {
      traffic_events_sponsored_ads: false,
      traffic_events_start_date: '2026-02-01',
      traffic_events_database: pathname.slice(1),
      traffic_events_schema: 'traffic_events',
    };
    const built = await project.dbt('build', '--vars', JSON.stringify(variables));
    expect(built.code, built.stdout).toBe(0);
    expect(
      await asked.warehouse.query(
        'SELECT DISTINCT platform, min(date_day) OVER ()::text AS first FROM reports.traffic_events__ad_report',
      ),
    ).toEqual([{ platform: 'amazon_dsp', first: '2026-02-01' }]);
  });

  test('a wrong variable is named', async () => {
    const ended = await project.dbt(
      'parse',
      '--no-partial-parse',
      '--vars',
      '{traffic_events_spend: euro}',
    );
    expect(ended.code).not.toBe(0);
    expect(ended.stdout).toContain(
      "traffic_events_spend: expected account or reporting, got 'euro'",
    );
  });
});
