import { systemClock } from '@traffic-events/client';
import type { Clock } from '@traffic-events/client';
import { RESERVED_COLUMNS } from '@traffic-events/slice';
import type { KnownColumns } from '../../views/view-dialect.ts';
import { warehouseViews } from '../../views/warehouse-views.ts';
import { BigQueryConnection } from '../jobs/bigquery-connection.ts';
import type { BigQuerySettings, TableOptions } from '../jobs/bigquery-settings.ts';
import { StreamTables } from '../tables/stream-tables.ts';
import { fieldsOf } from '../tables/table-resources.ts';
import { bigqueryViews, createViewSql } from './bigquery-views.ts';
import { setCurrenciesSql } from './currencies-sql.ts';

export interface CreateViewsOptions {
  readonly connection: BigQuerySettings;
  /** Labels of the views, and whether the dataset may expire its data. */
  readonly tables?: Pick<TableOptions, 'labels' | 'allowExpiring'>;
  /** ISO 4217 code by account_id: costs are shown in currency for these. */
  readonly currencies?: Readonly<Record<string, string>>;
  /** What the views tell the time by; the service's own unless it is a simulated one. */
  readonly clock?: Clock;
}

/**
 * Makes the views, or brings them up to date with the tables that exist now, by one job. Answers
 * their statements, in order; views of the user's own that build on them stay.
 */
export async function createViews(options: CreateViewsOptions): Promise<string[]> {
  const { connection: settings, tables = {}, currencies = {}, clock = systemClock } = options;
  const connection = new BigQueryConnection({ settings, labels: tables.labels });
  const { location } = settings;
  await new StreamTables({
    connection,
    options: tables,
    location,
    clock,
  }).ensureBookkeeping();
  const known = await sliceColumns(connection);
  const views = warehouseViews(bigqueryViews(settings, clock), known).map((view) =>
    createViewSql(settings, view, tables.labels),
  );
  const given = Object.entries(currencies);
  const script = [...(given.length === 0 ? [] : [setCurrenciesSql(settings, given)]), ...views];
  await connection.execute(
    { kind: 'alter', identity: [crypto.randomUUID()] },
    `${script.join(';\n')};`,
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
