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
  /** Of a joined query without dimensions: its row without events is left out as it is read. */
  readonly omitsEmpty?: boolean;
}

/** A SELECT of a query: what it gives for each of the spec's metrics, and where from. */
export interface AggregateBranch {
  /** SQL of each metric, without its name. */
  readonly values: ReadonlyMap<string, string>;
  /** From FROM on. */
  readonly from: string;
}

/** The SQL of a spec; ConfigurationError of the client when a column is not of the table. */
export function aggregateSql(spec: AggregateSpec): string {
  const branches = aggregateBranches(spec).map(({ values, from }) => {
    const items = [...values].map(([name, sql]) => `${sql} AS ${name}`);
    return `SELECT ${[...spec.dimensions, ...items].join(', ')} ${from}`;
  });
  return branches.join(' UNION ALL ');
}

/** The SELECTs of a spec, in order. */
export function aggregateBranches(spec: AggregateSpec): AggregateBranch[] {
  const { dataSource: table, dimensions, metrics, layout } = spec;
  // It refuses what the table does not have.
  buildAggregateQuery({ table, dimensions, metrics });
  const groupBy = dimensions.length > 0 ? ` GROUP BY ${dimensions.join(', ')}` : '';
  if (layout === 'joined' || metrics.length < 2) {
    const values = new Map(metrics.map((name) => [name, `SUM(${name})`]));
    return [{ values, from: `FROM ${table}${groupBy}` }];
  }
  return metrics.map((metric) => ({
    // Only rows of events that have the metric: the others of the row are 0 and count no users.
    values: new Map(metrics.map((name) => [name, name === metric ? `SUM(${name})` : '0'])),
    from: `FROM ${table} WHERE ${metric} <> 0${groupBy}`,
  }));
}
