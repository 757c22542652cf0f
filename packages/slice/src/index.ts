export { heldAccountId, otherZoneOf, parseAccountId, rawAccountOf } from './account-zone.ts';
export {
  isNumericType,
  RESERVED_COLUMNS,
  DISCRIMINATOR_COLUMN,
  warehouseColumn,
} from './column.ts';
export {
  compareCopies,
  decideCopy,
  isFinal,
  isSuspectBeside,
  keptReason,
  UNKNOWN_BUNDLE,
} from './copy.ts';
export { DEFINITIONS_KEY } from './definition.ts';
export { joinSpans, spanAt, spansOf, withoutSpan } from './date-spans.ts';
export {
  addDays,
  datesBetween,
  daysBetween,
  eventDateAt,
  isEventDate,
  windowOf,
} from './event-date.ts';
export { tableOfGrain } from './grain.ts';
export {
  closingId,
  extractionId,
  extractionIds,
  isOfExecution,
  LEDGER_KEY_PROPERTIES,
  LEDGER_SCHEMA,
  LEDGER_STATUSES,
  LEDGER_STREAM,
  PASSING_STATUSES,
  UNKNOWN_RESULT,
} from './ledger.ts';
export {
  describeSlice,
  HOLDING_STATUSES,
  REPLACE_BY,
  REPLACE_BY_KEY,
  SLICE_KEY_PROPERTIES,
  SLICE_STATUSES,
} from './slice.ts';
export { passedPartition, readPartition } from './read-partition.ts';
export { describeRange } from './sink.ts';
export { dateFault, partitionFault } from './state-bounds.ts';
export { BUNDLE_PROOFS, currentFingerprint, UNTOUCHED_ENTRY } from './state.ts';
export { namedEntry, wirePartition } from './wire-state.ts';
export { FIRST_ROW_NUMBER } from './slice-result.ts';
export { currentTimeZone, isSameTimeZone, isTimeZone } from './time-zone.ts';

export type { ColumnType, ResultColumn } from './column.ts';
export type { Copy, CopyDecision } from './copy.ts';
export type { DateSpan } from './date-spans.ts';
export type { ExtractedDefinition } from './definition.ts';
export type { EventDate, InstantMs, Window } from './event-date.ts';
export type { Grain } from './grain.ts';
export type { LedgerRow, LedgerStatus } from './ledger.ts';
export type { ReadPartition } from './read-partition.ts';
export type { RunMark, SliceKey, SliceMark, SliceStatus } from './slice.ts';
export type { CanonicalCsv, Cell, ResultRow, SliceResult } from './slice-result.ts';
export type {
  PartitionChange,
  RefusedOutcome,
  RefusedStream,
  Sink,
  SliceOutcome,
  StreamDescription,
} from './sink.ts';
export type {
  BundleAnswer,
  BundleProof,
  BundleRecord,
  InFlightExecution,
  PartitionState,
  SliceFailure,
  StatePartition,
  TailEntry,
} from './state.ts';
