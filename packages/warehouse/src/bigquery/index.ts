export { DEFAULT_LOAD_RULES } from '../messages/load-rules.ts';
export { BigQuerySink } from './bigquery-sink.ts';
export { settingsOfUrl, withEmulator } from './jobs/bigquery-settings.ts';
export { loadMessages } from './bigquery-target.ts';
export { readCosts } from './costs/read-costs.ts';
export { readStatus } from './read-status.ts';
export { currentViewSql } from './views/bigquery-views.ts';
export { createViews } from './views/create-views.ts';
export { grantStatements, isPrincipal, PRINCIPAL_EXPECTED } from './views/grants.ts';

export type { LoadRules } from '../messages/load-rules.ts';
export type { PartitionStatus } from '../slices/partition-status.ts';
export type { BigQuerySettings, TableOptions } from './jobs/bigquery-settings.ts';
export type { BigQueryTargetOptions } from './bigquery-target.ts';
export type { JobCost } from './costs/job-costs.ts';
export type { WarehouseCosts } from './costs/read-costs.ts';
export type { ViewPlace } from './views/bigquery-views.ts';
export type { CreateViewsOptions } from './views/create-views.ts';
export type { BigQueryOptions } from './bigquery-options.ts';
