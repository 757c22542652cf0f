export {
  DefinitionChangedError,
  ResultFormatError,
  SourceError,
  StateFormatError,
  StreamConfigError,
} from './errors.ts';
export { asHeld } from './state/held-accounts.ts';
export { ledgerDescription } from './streams/describe-streams.ts';
export { outcomeOf } from './running/run-summary.ts';
export { auditArchive } from './archive/audit-archive.ts';
export { archivedKeys } from './archive/archive.ts';
export { renameArchived } from './archive/rename-archived.ts';
export { runRebuild } from './archive/rebuild.ts';
export { openStandings, partitionStanding } from './planning/partition-standing.ts';
export { firstReachableDate, lastEventDate } from './planning/plan-partition.ts';
export { runSync } from './running/run-sync.ts';
export { previewSync } from './running/preview-sync.ts';
export { outlookFields } from './planning/account-outlook.ts';
export { withStreams } from './streams/account-streams.ts';
export { LocalArchive } from './archive/local-archive.ts';
export { closedSpans, openDates } from './state/partition.ts';
export { parseSavedStates, partitionOf, withPartition } from './state/saved-states.ts';
export { describeStream, recordKey } from './streams/stream-schema.ts';
export { isBundled } from './bundles/compose-bundles.ts';
export { builtInStreams, defaultStreams } from './streams/default-streams.ts';
export { didYouMean } from './streams/did-you-mean.ts';
export { resolveStreams } from './streams/resolve-streams.ts';
export { columnTypeSchema, streamConfigSchema } from './streams/stream-config.ts';
export { strictSettings } from './streams/strict-settings.ts';

export type {
  AccountFailureCause,
  ClosedSlice,
  FailedAccount,
  FailedSlice,
  LeftExecution,
  LeftReason,
  LeftSlices,
  RunOutcome,
  RunSummary,
} from './running/run-summary.ts';
export type { ArchiveAudit } from './archive/audit-archive.ts';
export type { Archive, ArchivedExecution } from './archive/archive.ts';
export type { Acceptance } from './planning/accept-definition.ts';
export type { AcceptOptions } from './planning/definitions.ts';
export type { AccountOutlook, Help } from './planning/account-outlook.ts';
export type { OpenStanding } from './planning/partition-standing.ts';
export type { ExpiringDate } from './planning/look-ahead.ts';
export type { DateRange } from './planning/plan-partition.ts';
export type { RenamedResults } from './archive/rename-archived.ts';
export type { RebuildOptions, RebuildSummary } from './archive/rebuild.ts';
export type { RunSyncOptions } from './running/run-sync.ts';
export type { StreamOptions } from './streams/resolve-streams.ts';
export type { ReadStreamConfig, StreamConfig } from './streams/stream-config.ts';
export type { Refresh, StreamColumn, StreamDefinition, StreamQuery } from './streams/stream.ts';
export type { BuiltInColumns } from './streams/built-in-columns.ts';
export type { MetricLayout } from './streams/aggregate-query.ts';
export type { StreamTiming } from './streams/timing.ts';
