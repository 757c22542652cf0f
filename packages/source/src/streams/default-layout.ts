import type { DataSourceName } from '@traffic-events/client';

import type { MetricLayout } from './aggregate-query.ts';

/**
 * Tables whose rarer metrics take the dimensions from the frequent ones when they share rows, as
 * measured by the bench `source.suppressed_share`. In the others a single user base stands behind
 * all metrics, so that rows of their own would only be more rows.
 */
const PER_METRIC: ReadonlySet<DataSourceName> = new Set([
  'adserver_traffic',
  'devices_traffic',
  'dsp_views',
  'invalid_adserver_traffic',
  'sponsored_ads_invalid_traffic',
  'sponsored_ads_traffic',
]);

/** The layout that suppresses less in a table. */
export function defaultLayout(table: DataSourceName): MetricLayout {
  return PER_METRIC.has(table) ? 'per_metric' : 'joined';
}
