import { systemClock } from '@traffic-events/client';
import type { Clock } from '@traffic-events/client';
import { BigQueryConnection } from '../jobs/bigquery-connection.ts';
import type { BigQuerySettings, TableOptions } from '../jobs/bigquery-settings.ts';
import { StreamTables } from '../tables/stream-tables.ts';
import { setCurrenciesSql } from './currencies-sql.ts';
import { makeViews } from './make-views.ts';

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
    viewClock: clock,
  }).ensureBookkeeping();
  const given = Object.entries(currencies);
  const first = given.length === 0 ? [] : [setCurrenciesSql(settings, given)];
  return makeViews({ connection, labels: tables.labels, clock }, first);
}
