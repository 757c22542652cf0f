import type { WarehouseReader } from '../audit/warehouse-reader.ts';
import { BigQueryConnection } from './jobs/bigquery-connection.ts';
import type { QueryRow } from './jobs/bigquery-connection.ts';
import type { BigQuerySettings } from './jobs/bigquery-settings.ts';
import { sliceTables } from './tables/slice-tables.ts';
import { bigqueryViews } from './views/bigquery-views.ts';

/** Reads where the dataset is; a query costs what it scans. */
export async function bigqueryReader(settings: BigQuerySettings): Promise<WarehouseReader> {
  const connection = new BigQueryConnection({ settings });
  const { dataset } = connection;
  const found = await connection.requestUnless(404, () => dataset.getMetadata());
  connection.runIn(found?.[0].location);
  const views = async () => {
    if (found === undefined) return [];
    const [tables] = await connection.request(() => dataset.getTables());
    return tables.filter(({ metadata }) => metadata.type === 'VIEW');
  };
  return {
    dialect: bigqueryViews(settings),
    jsonText: (column) => `TO_JSON_STRING(${column})`,
    hasTable: async (name) => {
      if (found === undefined) return false;
      const table = dataset.table(name);
      return (await connection.requestUnless(404, () => table.getMetadata())) !== undefined;
    },
    viewNotes: async () => {
      const notes = (await views()).map(async (view) => {
        const [{ description }] = await connection.request(() => view.getMetadata());
        return [view.id ?? '', String(description ?? '')] as const;
      });
      return new Map(await Promise.all(notes));
    },
    sliceTables: () => sliceTables(connection),
    views: async () => (await views()).map(({ id = '' }) => id).toSorted(),
    rows: async <Row extends object>(text: string) =>
      (await connection.rows<QueryRow>('read', text)) as Row[],
    close: async () => {},
  };
}
