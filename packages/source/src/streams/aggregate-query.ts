import { buildAggregateQuery } from '@traffic-events/client';
import type { DataSourceName } from '@traffic-events/client';

/**
 * How several metrics share a query. `joined`: one row per combination of dimensions, so that the
 * rarest metric decides whether the row is suppressed. `per_metric`: a branch of a UNION ALL for
 * each, so that each is judged by its own users (API.md 2.9); a combination has a row per metric.
 */
export type MetricLayout = 'joined' | 'per_metric';

/** A query that groups one data source and sums. */
export interface AggregateSpec {
  readonly dataSource: DataSourceName;
  readonly dimensions: readonly string[];
  readonly metrics: readonly string[];
  readonly layout: MetricLayout;
  /** Of a joined query without dimensions: gives no row where there are no events. */
  readonly omitsEmpty?: boolean;
}

/** Without dimensions SQL answers a row of NULLs where there are no events: that would read as unknown. */
const NO_ROW_OF_NOTHING = ' HAVING COUNT(1) > 0';

/** The SQL of a spec; ConfigurationError of the client when a column is not of the table. */
export function aggregateSql(spec: AggregateSpec): string {
  const { dataSource: table, dimensions, metrics, layout, omitsEmpty = false } = spec;
  const joined = buildAggregateQuery({ table, dimensions, metrics });
  if (layout === 'joined' || metrics.length < 2) {
    return omitsEmpty ? `${joined}${NO_ROW_OF_NOTHING}` : joined;
  }
  return metrics.map((metric) => branch(spec, metric)).join(' UNION ALL ');
}

/** Only rows of events that have the metric: the others of the row are 0 and count no users. */
function branch({ dataSource, dimensions, metrics }: AggregateSpec, metric: string): string {
  const values = metrics.map((name) =>
    name === metric ? `SUM(${name}) AS ${name}` : `0 AS ${name}`,
  );
  const groupBy = dimensions.length > 0 ? ` GROUP BY ${dimensions.join(', ')}` : '';
  return `SELECT ${[...dimensions, ...values].join(', ')} FROM ${dataSource} WHERE ${metric} <> 0${groupBy}`;
}
