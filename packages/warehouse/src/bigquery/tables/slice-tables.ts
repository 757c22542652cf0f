import { RESERVED_COLUMNS } from '@traffic-events/slice';
import type { KnownColumns } from '../../views/view-dialect.ts';
import type { BigQueryConnection } from '../jobs/bigquery-connection.ts';
import { fieldsOf } from './table-resources.ts';

/** The tables of slices with their columns: those with a partition by event date and the reserved columns. */
export async function sliceTables(connection: BigQueryConnection): Promise<KnownColumns> {
  const { dataset } = connection;
  const [tables] = await connection.request(() => dataset.getTables());
  const partitioned = tables.filter(
    ({ metadata }) =>
      metadata.type === 'TABLE' && metadata.timePartitioning?.field === 'event_date',
  );
  const described = await Promise.all(
    partitioned.map(async (table) => {
      const [metadata] = await connection.request(() => table.getMetadata());
      return [table.id ?? '', new Set(fieldsOf(metadata).map(({ name }) => name ?? ''))] as const;
    }),
  );
  const isSliceTable = ([, columns]: (typeof described)[number]) =>
    RESERVED_COLUMNS.every((name) => columns.has(name));
  return new Map(described.filter(isSliceTable));
}
