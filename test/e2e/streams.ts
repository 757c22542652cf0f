/** The default streams of both kinds of account, each with the metric that it is compared by. */
export const STREAM_METRICS = {
  dsp_clicks: 'clicks',
  dsp_impressions: 'impressions',
  dsp_invalid_clicks: 'invalid_clicks',
  dsp_invalid_impressions: 'invalid_impressions',
  dsp_views: 'events',
  sponsored_ads_invalid_traffic: 'invalid_impressions',
  sponsored_ads_traffic: 'impressions',
} as const;

export type Stream = keyof typeof STREAM_METRICS;
export const STREAMS = Object.keys(STREAM_METRICS) as Stream[];
