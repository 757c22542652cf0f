import { systemClock } from '@traffic-events/client';
import type { ViewSettings } from '../../views/exchange-rate.ts';
import { BigQueryConnection } from '../jobs/bigquery-connection.ts';
import type { BigQuerySettings, TableOptions } from '../jobs/bigquery-settings.ts';
import { StreamTables } from '../tables/stream-tables.ts';
import { setCurrenciesSql, setReportingCurrencySql } from './currencies-sql.ts';
import { makeViews } from './make-views.ts';

export interface CreateViewsOptions extends ViewSettings {
  readonly connection: BigQuerySettings;
  /** Labels of the views, and whether the dataset may expire its data. */
  readonly tables?: Pick<TableOptions, 'labels' | 'allowExpiring'>;
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
  const reporting = options.reportingCurrency;
  const first = [
    ...(given.length === 0 ? [] : [setCurrenciesSql(settings, given)]),
    ...(reporting === undefined ? [] : [setReportingCurrencySql(settings, reporting)]),
  ];
  return makeViews({ connection, labels: tables.labels, clock }, first);
}
