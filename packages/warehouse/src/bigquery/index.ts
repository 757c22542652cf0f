export { DEFAULT_LOAD_RULES } from '../messages/load-rules.ts';
export { BigQuerySink } from './bigquery-sink.ts';
export { withEmulator } from './jobs/bigquery-settings.ts';
export { loadMessages } from './bigquery-target.ts';
export { readCosts } from './costs/read-costs.ts';
export { currentViewSql } from './views/bigquery-views.ts';
export { createViews } from './views/create-views.ts';

export type { LoadRules } from '../messages/load-rules.ts';
export type { BigQuerySettings, TableOptions } from './jobs/bigquery-settings.ts';
export type { BigQueryTargetOptions } from './bigquery-target.ts';
export type { ViewPlace } from './views/bigquery-views.ts';
export type { CreateViewsOptions } from './views/create-views.ts';
export type { BigQueryOptions } from './bigquery-options.ts';
