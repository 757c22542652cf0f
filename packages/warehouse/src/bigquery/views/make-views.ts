import type { Clock } from '@traffic-events/client';
import { RESERVED_COLUMNS } from '@traffic-events/slice';
import type { KnownColumns } from '../../views/view-dialect.ts';
import { warehouseViews } from '../../views/warehouse-views.ts';
import type { BigQueryConnection } from '../jobs/bigquery-connection.ts';
import type { TableOptions } from '../jobs/bigquery-settings.ts';
import { fieldsOf } from '../tables/table-resources.ts';
import { bigqueryViews, createViewSql } from './bigquery-views.ts';

interface ViewsOptions {
  readonly connection: BigQueryConnection;
  readonly labels: TableOptions['labels'];
  /** What the views tell the time by. */
  readonly clock: Clock;
}

/**
 * Makes the views over the tables that exist now, or brings them up to date, by one job behind what
 * is to be done `first`. Answers their statements, in order.
 */
export async function makeViews(
  { connection, labels, clock }: ViewsOptions,
  first: readonly string[] = [],
): Promise<string[]> {
  const { place } = connection;
  const known = await sliceColumns(connection);
  const views = warehouseViews(bigqueryViews(place, clock), known).map((view) =>
    createViewSql(place, view, labels),
  );
  await connection.execute(
    { kind: 'alter', identity: [crypto.randomUUID()] },
    `${[...first, ...views].join(';\n')};`,
  );
  return views;
}

/** Columns of the tables of slices: those with a partition by event date and the reserved columns. */
async function sliceColumns(connection: BigQueryConnection): Promise<KnownColumns> {
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
