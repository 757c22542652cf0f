import { BigQueryConnection } from '../jobs/bigquery-connection.ts';
import type { QueryRow } from '../jobs/bigquery-connection.ts';
import type { BigQuerySettings } from '../jobs/bigquery-settings.ts';

/**
 * Rows of a query of one bookkeeping table, read without a lease beside whoever is loading; none
 * where there is no such table, or no dataset.
 */
export async function readTable<Row extends QueryRow>(
  settings: BigQuerySettings,
  table: string,
  queryOf: (dataset: string) => string,
): Promise<Row[]> {
  const connection = new BigQueryConnection({ settings });
  const { dataset } = connection;
  const found = await connection.requestUnless(404, () => dataset.getMetadata());
  if (found === undefined) return [];
  connection.runIn(found[0].location);
  const made = await connection.requestUnless(404, () => dataset.table(table).getMetadata());
  if (made === undefined) return [];
  return connection.rows<Row>('read', queryOf(connection.datasetName));
}
