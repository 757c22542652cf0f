import { isOverlapRefusal, TrafficEventsError } from '@traffic-events/client';
import type { ErrorCode, WorkflowExecution } from '@traffic-events/client';

import { OtherWindowError, SourceError } from '../errors.ts';
import type { AccountFailureCause } from './run-summary.ts';

/**
 * What a failure means for its slice.
 * - `again`: another execution may succeed.
 * - `later`: too many workflows ran over the same data; not in this run.
 * - `never`: the service refuses the definition; it is not sent again in this run.
 * - `unusable`: what it makes of the definition cannot be used; it is not sent again in this run.
 * - `network`: nobody answered; it says nothing about the slice, and what is in flight stays so.
 * - `doubtful`: the same of a create that may have taken effect; the next run looks for it first.
 * - `unstored`: this machine could not keep the result; it is taken over later, while the API has it.
 * - `resume`: the execution is or may be running; it is taken over later, not created anew.
 * - `overdue`: the execution has not ended in the time that the service lets executions run.
 * - `account`: nothing of this account can be had, or so it seems.
 * - `fatal`: the run ends.
 */
export type FailureKind =
  | 'again'
  | 'later'
  | 'never'
  | 'unusable'
  | 'network'
  | 'doubtful'
  | 'unstored'
  | 'resume'
  | 'overdue'
  | 'account'
  | 'fatal';

export interface Failure {
  readonly kind: FailureKind;
  readonly reason: string;
}

/** What it means that an execution ended without a result. */
export function executionFailure(execution: WorkflowExecution): Failure {
  const reason = `${execution.status}: ${execution.reason ?? 'the API gave no reason'}`;
  if (isOverlapRefusal(execution)) return { kind: 'later', reason };
  return { kind: execution.status.toUpperCase() === 'REJECTED' ? 'never' : 'again', reason };
}

const duringCreate: Partial<Record<ErrorCode, FailureKind>> = {
  access_denied: 'account',
  capacity: 'account',
  request_refused: 'never',
  sql_refused: 'never',
  create_outcome_unknown: 'doubtful',
};

/** What it means that a create did not give an execution. */
export function createFailure(error: unknown): Failure {
  const reason = messageOf(error);
  if (!(error instanceof TrafficEventsError)) return { kind: 'fatal', reason };
  if (isOverlapRefusal({ state: 'failed', reason })) return { kind: 'later', reason };
  if (error.action === 'fatal') return { kind: 'fatal', reason };
  return { kind: duringCreate[error.code] ?? (isUnanswered(error) ? 'network' : 'again'), reason };
}

/** Whether an error says nothing but that no answer of the API came. */
export function isUnanswered(error: unknown): boolean {
  return error instanceof TrafficEventsError && error.unreachable;
}

const afterCreate: Partial<Record<ErrorCode, FailureKind>> = {
  execution_deadline: 'overdue',
  access_denied: 'account',
  execution_not_found: 'again',
  download_too_large: 'unusable',
  csv_cell: 'again',
  csv_format: 'again',
  disk: 'unstored',
};

/** What it means that an existing execution could not be followed, downloaded or read. */
export function followFailure(error: unknown): Failure {
  const reason = messageOf(error);
  if (error instanceof OtherWindowError) return { kind: 'unusable', reason };
  if (error instanceof SourceError) return { kind: 'again', reason };
  if (!(error instanceof TrafficEventsError) || error.action === 'fatal') {
    return { kind: 'fatal', reason };
  }
  return { kind: afterCreate[error.code] ?? (isUnanswered(error) ? 'network' : 'resume'), reason };
}

/** What an error of kind `account` says about the account. */
export function accountFailureCause(error: unknown): AccountFailureCause {
  return error instanceof TrafficEventsError && error.code === 'capacity' ? 'capacity' : 'refused';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
