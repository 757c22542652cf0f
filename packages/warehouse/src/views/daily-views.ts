import type { DailyView, Rate, Terms } from './daily-view.ts';

const CLICK_THROUGH_RATE: Rate = {
  of: 'beside',
  numerator: 'clicks',
  denominator: { plus: ['impressions'] },
};

const INVALID_RATES = {
  invalid_impression_rate: {
    of: 'share',
    numerator: 'invalid_impressions',
    denominator: { plus: ['impressions'] },
  },
  invalid_click_rate: {
    of: 'share',
    numerator: 'invalid_clicks',
    denominator: { plus: ['clicks'] },
  },
} as const satisfies DailyView['rates'];

const viewability = (denominator: Terms): Rate => ({
  of: 'among',
  numerator: 'viewable_impressions',
  denominator,
});

export const DAILY_VIEWS: readonly DailyView[] = [
  {
    name: 'dsp_daily',
    description:
      'Impressions, clicks, views, invalid traffic and costs of DSP accounts: a row per account, date and campaign. Costs are in millicents.',
    ofAccount: {
      name: 'dsp_account_daily',
      description:
        'Impressions, clicks, views, invalid traffic and costs of DSP accounts: a row per account and date, of the account grain where it is held. Costs are in millicents.',
    },
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
      click_through_rate: CLICK_THROUGH_RATE,
      viewability: viewability({ plus: ['measurable_impressions'] }),
      ...INVALID_RATES,
    },
  },
  {
    name: 'sponsored_ads_daily',
    description:
      'Impressions, clicks, views and invalid traffic of sponsored ads accounts: a row per account, date and campaign name.',
    ofAccount: {
      name: 'sponsored_ads_account_daily',
      description:
        'Impressions, clicks, views and invalid traffic of sponsored ads accounts: a row per account and date, of the account grain where it is held.',
    },
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
      click_through_rate: CLICK_THROUGH_RATE,
      viewability: viewability({
        plus: ['measured_impressions'],
        minus: ['unmeasurable_viewable_impressions'],
      }),
      ...INVALID_RATES,
    },
  },
  {
    name: 'adserver_daily',
    description:
      'Impressions, clicks, views and invalid traffic of the ad server: a row per account, date and campaign.',
    ofAccount: {
      name: 'adserver_account_daily',
      description:
        'Impressions, clicks, views and invalid traffic of the ad server: a row per account and date, of the account grain where it is held.',
    },
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
      click_through_rate: CLICK_THROUGH_RATE,
      viewability: viewability({ plus: ['measurable_impressions'] }),
      ...INVALID_RATES,
    },
  },
];
