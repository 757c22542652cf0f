import type { Clock } from '@traffic-events/client';
import { viewsToMake } from '../../views/warehouse-views.ts';
import type { BigQueryConnection } from '../jobs/bigquery-connection.ts';
import type { TableOptions } from '../jobs/bigquery-settings.ts';
import { sliceTables } from '../tables/slice-tables.ts';
import { bigqueryViews, createViewSql } from './bigquery-views.ts';

interface ViewsOptions {
  readonly connection: BigQueryConnection;
  readonly labels: TableOptions['labels'];
  /** What the views tell the time by. */
  readonly clock: Clock;
  /** Makes only those that read it. */
  readonly table?: string;
}

/**
 * Makes the views over the tables that exist now, or brings them up to date, by one job behind what
 * is to be done `first`. Answers their statements, in order.
 */
export async function makeViews(
  { connection, labels, clock, table }: ViewsOptions,
  first: readonly string[] = [],
): Promise<string[]> {
  const { place } = connection;
  const known = await sliceTables(connection);
  const [dialect, inRealTime] = [bigqueryViews(place, clock), bigqueryViews(place)];
  const views = viewsToMake({ dialect, inRealTime, known, table }).map((view) =>
    createViewSql(place, view, labels),
  );
  if (views.length === 0 && first.length === 0) return [];
  await connection.execute(
    { kind: 'alter', identity: [crypto.randomUUID()] },
    `${[...first, ...views].join(';\n')};`,
  );
  return views;
}
