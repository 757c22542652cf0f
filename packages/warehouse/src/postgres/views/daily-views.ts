import { qualified, quote } from '../identifiers.ts';
import { KEY_COLUMNS, partSql } from './daily-part.ts';
import type { DailyPart, KnownColumns } from './daily-part.ts';

/** A view of one kind of traffic: a row per account, date and campaign. */
export interface DailyView {
  readonly name: string;
  readonly parts: readonly DailyPart[];
  /** Columns computed from the sums, by name. */
  readonly rates: Readonly<Record<string, string>>;
  /** Sums in millicents that are shown in the account's currency as well. */
  readonly costs: readonly string[];
}

/** NULL in a suppressed row: what stands in it comes from other users in each source. */
function rate(numerator: string, denominator: string): string {
  return `CASE WHEN NOT is_suppressed THEN ${numerator} / nullif(${denominator}, 0) END`;
}

/** How much of an account's invalid traffic of a date cannot be told apart by campaign. */
function suppressedShare(metric: string): string {
  const day = 'OVER (PARTITION BY spine.account_id, spine.event_date)';
  return `sum(${metric}) FILTER (WHERE is_suppressed) ${day} / nullif(sum(${metric}) ${day}, 0)`;
}

const VIEWABILITY = rate('viewable_impressions', 'measurable_impressions');

export const DAILY_VIEWS: readonly DailyView[] = [
  {
    name: 'dsp_daily',
    parts: [
      {
        alias: 'impressions',
        table: 'dsp_impressions',
        campaignKey: 'campaign_id',
        metrics: {
          impressions: 'impressions',
          impression_cost: 'impression_cost',
          total_cost: 'total_cost',
        },
      },
      {
        alias: 'clicks',
        table: 'dsp_clicks',
        campaignKey: 'campaign_id',
        metrics: { clicks: 'clicks' },
      },
      {
        alias: 'views',
        table: 'dsp_views',
        campaignKey: 'campaign_id',
        metrics: {
          measurable_impressions: 'measurable_impressions',
          viewable_impressions: 'viewable_impressions',
        },
        isOneViewDefinition: true,
      },
      {
        alias: 'invalid_impressions_of',
        table: 'dsp_invalid_impressions',
        campaignKey: 'campaign_id',
        metrics: { invalid_impressions: 'invalid_impressions' },
      },
      {
        alias: 'invalid_clicks_of',
        table: 'dsp_invalid_clicks',
        campaignKey: 'campaign_id',
        metrics: { invalid_clicks: 'invalid_clicks' },
      },
    ],
    costs: ['impression_cost', 'total_cost'],
    rates: {
      click_through_rate: rate('clicks', 'impressions'),
      viewability: VIEWABILITY,
      invalid_impression_rate: rate('invalid_impressions', 'impressions'),
      invalid_impressions_suppressed_share: suppressedShare('invalid_impressions'),
      invalid_click_rate: rate('invalid_clicks', 'clicks'),
      invalid_clicks_suppressed_share: suppressedShare('invalid_clicks'),
    },
  },
  {
    name: 'sponsored_ads_daily',
    parts: [
      {
        alias: 'traffic',
        table: 'sponsored_ads_traffic',
        campaignKey: 'campaign',
        metrics: { impressions: 'impressions', clicks: 'clicks' },
      },
      {
        alias: 'views',
        table: 'sponsored_ads_traffic',
        campaignKey: 'campaign',
        metrics: {
          measured_impressions: 'impressions',
          unmeasurable_viewable_impressions: 'unmeasurable_viewable_impressions',
          viewable_impressions: 'viewable_impressions',
        },
        isOneViewDefinition: true,
      },
      {
        alias: 'invalid',
        table: 'sponsored_ads_invalid_traffic',
        campaignKey: 'campaign',
        metrics: { invalid_impressions: 'invalid_impressions', invalid_clicks: 'invalid_clicks' },
      },
    ],
    costs: [],
    rates: {
      click_through_rate: rate('clicks', 'impressions'),
      viewability: rate(
        'viewable_impressions',
        '(measured_impressions - coalesce(unmeasurable_viewable_impressions, 0))',
      ),
      invalid_impression_rate: rate('invalid_impressions', 'impressions'),
      invalid_impressions_suppressed_share: suppressedShare('invalid_impressions'),
      invalid_click_rate: rate('invalid_clicks', 'clicks'),
      invalid_clicks_suppressed_share: suppressedShare('invalid_clicks'),
    },
  },
  {
    name: 'adserver_daily',
    parts: [
      {
        alias: 'traffic',
        table: 'adserver_traffic',
        campaignKey: 'campaign_id',
        metrics: {
          impressions: 'impressions',
          clicks: 'clicks',
          measurable_impressions: 'measurable_impressions',
          viewable_impressions: 'viewable_impressions',
        },
      },
      {
        alias: 'invalid',
        table: 'invalid_adserver_traffic',
        campaignKey: 'campaign_id',
        metrics: { invalid_impressions: 'invalid_impressions', invalid_clicks: 'invalid_clicks' },
      },
    ],
    costs: [],
    rates: {
      click_through_rate: rate('clicks', 'impressions'),
      viewability: VIEWABILITY,
      invalid_impression_rate: rate('invalid_impressions', 'impressions'),
      invalid_impressions_suppressed_share: suppressedShare('invalid_impressions'),
      invalid_click_rate: rate('invalid_clicks', 'clicks'),
      invalid_clicks_suppressed_share: suppressedShare('invalid_clicks'),
    },
  },
];

/**
 * Sources are summed before they stand side by side, so that none multiplies another; nothing is
 * added across them, because an event may be in several.
 */
export function dailyViewSql(schema: string, view: DailyView, known: KnownColumns): string {
  const keys = KEY_COLUMNS.join(', ');
  const parts = view.parts.map(
    (part) => `${quote(part.alias)} AS NOT MATERIALIZED (${partSql(schema, part, known)})`,
  );
  const names = `${keys}, marketplace, campaign_id, campaign`;
  const spine = view.parts.map((part) => `SELECT ${names} FROM ${quote(part.alias)}`);
  const joins = view.parts.map((part) => `LEFT JOIN ${quote(part.alias)} USING (${keys})`);
  const metrics = view.parts.flatMap((part) =>
    Object.keys(part.metrics).map((name) => `${quote(part.alias)}.${quote(name)}`),
  );
  const definitions = view.parts
    .filter(({ isOneViewDefinition }) => isOneViewDefinition === true)
    .map(({ alias }) => `${quote(alias)}.view_definition`);
  const costs = view.costs.map((cost) => {
    const inCurrency = `CASE WHEN currency IS NOT NULL THEN ${quote(cost)} / 100000 END`;
    return `${inCurrency} AS ${quote(`${cost}_in_currency`)}`;
  });
  const rates = Object.entries(view.rates).map(([name, formula]) => `${formula} AS ${quote(name)}`);
  return `CREATE OR REPLACE VIEW ${qualified(schema, view.name)} AS
    WITH ${parts.join(',\n    ')},
    spine AS NOT MATERIALIZED (
      SELECT ${keys}, max(marketplace) AS marketplace, max(campaign_id) AS campaign_id,
             max(campaign) AS campaign
        FROM (${spine.join(' UNION ALL ')}) AS every
       GROUP BY ${keys})
    SELECT spine.account_id, spine.marketplace, spine.event_date, spine.campaign_id,
           CASE WHEN is_suppressed THEN '(suppressed)' ELSE spine.campaign END AS campaign,
           is_suppressed, ${metrics.join(', ')},
           ${[...definitions, 'currencies.currency', ...costs, ...rates].join(',\n           ')}
      FROM spine ${joins.join('\n      ')}
      LEFT JOIN ${qualified(schema, 'account_currencies')} AS currencies
        ON currencies.account_id = spine.account_id`;
}
