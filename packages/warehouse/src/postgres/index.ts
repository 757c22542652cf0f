export { PostgresSink } from './postgres-sink.ts';
export { PostgresTarget } from './postgres-target.ts';
export { readStatus } from './read-status.ts';
export { DEFAULT_SCHEMA } from './warehouse-session.ts';

export type { ConnectionSettings } from './connection-settings.ts';
export type { PostgresSinkOptions } from './postgres-sink.ts';
export type { PostgresTargetOptions } from './postgres-target.ts';
export type { PartitionStatus, ReadStatusOptions } from './read-status.ts';
