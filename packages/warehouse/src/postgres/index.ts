export { DEFAULT_LOAD_RULES } from '../messages/load-rules.ts';
export { PostgresSink } from './postgres-sink.ts';
export { loadMessages } from './postgres-target.ts';
export { createViews } from './views/create-views.ts';
export { currentViewSql } from './views/postgres-views.ts';
export { DEFAULT_SCHEMA } from './postgres-options.ts';

export type { LoadRules } from '../messages/load-rules.ts';
export type { ConnectionSettings } from './connection/connection-settings.ts';
export type { PostgresOptions } from './postgres-options.ts';
export type { PostgresTargetOptions } from './postgres-target.ts';
export type { CreateViewsOptions } from './views/create-views.ts';
export type { WarehouseDatabase } from './tables/warehouse-database.ts';
