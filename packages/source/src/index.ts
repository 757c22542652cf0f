export {
  DefinitionChangedError,
  ResultFormatError,
  SourceError,
  StateFormatError,
  StreamConfigError,
} from './errors.ts';
export { silentLogger } from './logger.ts';
export { exitCodeOf } from './run-summary.ts';
export { ledgerDescription, runSync } from './run-sync.ts';
export { parseStateValue, withPartition } from './state-value.ts';
export { describeStream, recordKey } from './stream-schema.ts';
export { defaultStreams } from './streams/default-streams.ts';

export type { ErrorAction } from './errors.ts';
export type { LogFields, Logger } from './logger.ts';
export type { ClosedSlice, FailedSlice, RunSummary } from './run-summary.ts';
export type { RunSyncOptions } from './run-sync.ts';
export type { Refresh, StreamDefinition, StreamQuery } from './stream.ts';
export type { StreamTiming } from './timing.ts';
