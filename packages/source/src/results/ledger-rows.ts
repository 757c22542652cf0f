import { closingId, extractionId, UNKNOWN_RESULT } from '@traffic-events/slice';
import type { LedgerRow, SliceKey } from '@traffic-events/slice';

import type { Closing } from '../planning/plan-partition.ts';
import type { StreamDefinition } from '../streams/stream.ts';
import { isBundleId } from '../streams/bundle-stream.ts';
import { mainMetric } from '../streams/stream.ts';

/** What every ledger row of a slice says, whatever became of it. */
export interface LedgerContext {
  readonly slice: SliceKey;
  readonly marketplace: string;
  readonly fingerprint: string;
  readonly runId: string;
  /** ISO 8601, UTC, in API time. */
  readonly recordedAt: string;
}

type Outcome = Omit<
  LedgerRow,
  'stream' | 'account_id' | 'marketplace' | 'event_date' | 'fingerprint' | 'run_id' | 'recorded_at'
>;

const NO_RESULT = { ...UNKNOWN_RESULT, create_time: null, raw_sha256: null } as const;

export function ledgerRow(context: LedgerContext, outcome: Outcome): LedgerRow {
  const { slice, marketplace, fingerprint, runId, recordedAt } = context;
  return {
    ...outcome,
    stream: slice.stream,
    account_id: slice.accountId,
    marketplace,
    event_date: slice.eventDate,
    fingerprint,
    run_id: runId,
    recorded_at: recordedAt,
  };
}

export interface FailureFacts {
  /** Null when the create itself was refused. */
  readonly executionId: string | null;
  readonly workflowId: string;
  readonly createTime: string | null;
  readonly reason: string;
}

export function failureRow(context: LedgerContext, failure: FailureFacts): LedgerRow {
  return ledgerRow(context, {
    ...NO_RESULT,
    extraction_id: extractionId(
      failure.executionId ?? `refused:${failure.workflowId}`,
      isBundleId(failure.workflowId) ? context.slice.stream : null,
    ),
    status: 'failed',
    execution_id: failure.executionId,
    workflow_id: failure.workflowId,
    create_time: failure.createTime,
    reason: failure.reason,
  });
}

/** The row of a slice that closes on the copy held, or on none. */
export function closingRow(
  context: LedgerContext,
  stream: StreamDefinition,
  closing: Closing,
): LedgerRow {
  const { held } = closing;
  const { slice } = context;
  const hasCopy = held.execution_id !== null;
  const main = mainMetric(stream);
  return ledgerRow(context, {
    ...NO_RESULT,
    extraction_id: closingId(slice.stream, slice.accountId, slice.eventDate),
    status: closing.status,
    execution_id: held.execution_id,
    workflow_id: null,
    create_time: held.create_time,
    row_count: held.row_count,
    sums: hasCopy && main !== undefined ? { [main]: held.main_sum } : {},
    complete: hasCopy ? held.complete : null,
    settled: hasCopy ? held.settled : null,
    suspect: hasCopy ? held.suspect : null,
    reason: closing.reason,
  });
}
