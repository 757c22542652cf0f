import { expect, it } from 'vitest';

import { buildAggregateQuery } from './build-aggregate-query.ts';
import { lintSql } from './lint-sql.ts';

it('sums metrics by dimensions', () => {
  const sql = buildAggregateQuery({
    table: 'dsp_impressions',
    dimensions: ['campaign_id', 'supply_source'],
    metrics: ['impressions', 'total_cost'],
  });
  expect(sql).toBe(
    'SELECT campaign_id, supply_source, SUM(impressions) AS impressions, SUM(total_cost) AS total_cost FROM dsp_impressions GROUP BY campaign_id, supply_source',
  );
  expect(lintSql(sql)).toStrictEqual([]);
  expect(buildAggregateQuery({ table: 'dsp_clicks', dimensions: [], metrics: ['clicks'] })).toBe(
    'SELECT SUM(clicks) AS clicks FROM dsp_clicks',
  );
});

it.each([
  [
    { dimensions: ['campaign'], metrics: [] },
    'The query over adserver_traffic has no metric; the API demands one',
  ],
  [
    { dimensions: ['clicks'], metrics: ['clicks'] },
    'The query over adserver_traffic names clicks twice; name it once',
  ],
  [
    { dimensions: ['impressions'], metrics: ['clicks'] },
    /^adserver_traffic has no dimension "impressions"; use one of ad_format, ad_id, /,
  ],
  [
    { dimensions: [], metrics: ['nothing'] },
    /^adserver_traffic has no metric "nothing"; use one of clicks, /,
  ],
  [
    { dimensions: [], metrics: ['video_percentage_complete'] },
    'adserver_traffic.video_percentage_complete is an average per event; its sum means nothing, leave it out',
  ],
])('refuses %o', (query, message) => {
  expect(() => buildAggregateQuery({ table: 'adserver_traffic', ...query })).toThrow(message);
});
