import type { DailyView } from './daily-view.ts';

/** NULL in a suppressed row: what stands in it comes from other users in each source. */
function rate(numerator: string, denominator: string): string {
  return `CASE WHEN NOT is_suppressed THEN ${numerator} / nullif(${denominator}, 0) END`;
}

/** How much of an account's invalid traffic of a date cannot be told apart by campaign. */
function suppressedShare(metric: string): string {
  const day = 'OVER (PARTITION BY sources.account_id, sources.event_date)';
  const suppressed = `CASE WHEN is_suppressed THEN ${metric} END`;
  return `sum(${suppressed}) ${day} / nullif(sum(${metric}) ${day}, 0)`;
}

const VIEWABILITY = rate('viewable_impressions', 'measurable_impressions');

export const DAILY_VIEWS: readonly DailyView[] = [
  {
    name: 'dsp_daily',
    description:
      'Impressions, clicks, views, invalid traffic and costs of DSP accounts: a row per account, date and campaign. Costs are in millicents.',
    parts: [
      {
        table: 'dsp_impressions',
        campaignKey: 'campaign_id',
        metrics: {
          impressions: 'impressions',
          impression_cost: 'impression_cost',
          total_cost: 'total_cost',
        },
      },
      {
        table: 'dsp_clicks',
        campaignKey: 'campaign_id',
        metrics: { clicks: 'clicks' },
      },
      {
        table: 'dsp_views',
        campaignKey: 'campaign_id',
        metrics: {
          measurable_impressions: 'measurable_impressions',
          viewable_impressions: 'viewable_impressions',
        },
        isOneViewDefinition: true,
      },
      {
        table: 'dsp_invalid_impressions',
        campaignKey: 'campaign_id',
        metrics: { invalid_impressions: 'invalid_impressions' },
      },
      {
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
    description:
      'Impressions, clicks, views and invalid traffic of sponsored ads accounts: a row per account, date and campaign name.',
    parts: [
      {
        table: 'sponsored_ads_traffic',
        campaignKey: 'campaign',
        metrics: { impressions: 'impressions', clicks: 'clicks' },
      },
      {
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
    description:
      'Impressions, clicks, views and invalid traffic of the ad server: a row per account, date and campaign.',
    parts: [
      {
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
