export {
  DefinitionChangedError,
  ResultFormatError,
  SourceError,
  StateFormatError,
  StreamConfigError,
} from './errors.ts';
export { asHeld } from './held-accounts.ts';
export { ledgerDescription } from './describe-streams.ts';
export { exitCodeOf } from './run-summary.ts';
export { runRebuild } from './rebuild.ts';
export { firstReachableDate } from './plan-partition.ts';
export { runSync } from './run-sync.ts';
export { withStreams } from './account-streams.ts';
export { LocalArchive } from './local-archive.ts';
export { closedSpans, openDates } from './partition.ts';
export { parseSavedStates, parseStateValue, partitionOf, withPartition } from './state-value.ts';
export { describeStream, recordKey } from './stream-schema.ts';
export { builtInStreams, defaultStreams } from './streams/default-streams.ts';
export { resolveStreams } from './streams/resolve-streams.ts';
export { columnTypeSchema, streamConfigSchema } from './streams/stream-config.ts';

export type { ErrorAction } from './errors.ts';
export type {
  AccountFailureCause,
  ClosedSlice,
  FailedAccount,
  FailedSlice,
  LeftExecution,
  LeftReason,
  LeftSlices,
  RunSummary,
} from './run-summary.ts';
export type { Archive, ArchivedExecution } from './archive.ts';
export type { Acceptance } from './accept-definition.ts';
export type { AcceptOptions } from './definitions.ts';
export type { DateRange } from './plan-partition.ts';
export type { RebuildOptions, RebuildSummary } from './rebuild.ts';
export type { RunSyncOptions } from './run-sync.ts';
export type { StreamOptions } from './streams/resolve-streams.ts';
export type { ReadStreamConfig, StreamConfig } from './streams/stream-config.ts';
export type { Refresh, StreamColumn, StreamDefinition, StreamQuery } from './stream.ts';
export type { MetricLayout } from './streams/aggregate-query.ts';
export type { StreamTiming } from './timing.ts';
