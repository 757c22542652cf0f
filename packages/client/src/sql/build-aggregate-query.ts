import type { DataSource, DataSourceColumn, DataSourceName } from '../data-sources/data-source.ts';
import { dataSource } from '../data-sources/find-data-source.ts';
import { ConfigurationError } from '../errors/configuration-error.ts';

export interface AggregateQuery {
  readonly table: DataSourceName;
  /** Columns to group by. */
  readonly dimensions: readonly string[];
  /** Columns to sum, at least one. */
  readonly metrics: readonly string[];
}

/** `SELECT campaign_id, SUM(impressions) AS impressions FROM dsp_impressions GROUP BY campaign_id`. */
export function buildAggregateQuery({ table, dimensions, metrics }: AggregateQuery): string {
  const source = dataSource(table);
  if (metrics.length === 0) {
    throw new ConfigurationError(`The query over ${table} has no metric; the API demands one`);
  }
  refuseDuplicates([...dimensions, ...metrics], source);
  const keys = dimensions.map((name) => columnOf(source, name, 'dimension').name);
  const sums = metrics.map((name) => sumOf(source, name));
  const groupBy = keys.length > 0 ? ` GROUP BY ${keys.join(', ')}` : '';
  return `SELECT ${[...keys, ...sums].join(', ')} FROM ${table}${groupBy}`;
}

function sumOf(source: DataSource, name: string): string {
  const column = columnOf(source, name, 'metric');
  if (column.additive === false) {
    throw new ConfigurationError(
      `${source.name}.${name} is an average per event; its sum means nothing, leave it out`,
    );
  }
  return `SUM(${column.name}) AS ${column.name}`;
}

function columnOf(
  source: DataSource,
  name: string,
  role: DataSourceColumn['role'],
): DataSourceColumn {
  const found = source.columns.find((column) => column.name === name && column.role === role);
  if (found !== undefined) return found;
  const choices = source.columns.filter((column) => column.role === role).map(({ name }) => name);
  throw new ConfigurationError(
    `${source.name} has no ${role} ${JSON.stringify(name)}; use one of ${choices.join(', ')}`,
  );
}

function refuseDuplicates(names: readonly string[], source: DataSource): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new ConfigurationError(`The query over ${source.name} names ${twice} twice; name it once`);
}
