import type { InstantMs, SliceKey } from '@traffic-events/slice';

import type { AccountProgress } from './account-progress.ts';
import type { Resumable, StreamPlan } from './account-planner.ts';
import { toIso } from '../state/partition.ts';
import type { RunContext } from './run-context.ts';
import type { LeftReason } from './run-summary.ts';

/** Executions often take 15 minutes (API.md 1.3). */
const USUAL_EXECUTION_HOURS = 0.25;

/** Says at the beginning of a run how much lies ahead of an account. */
export function announcePlan(
  run: RunContext,
  progress: AccountProgress,
  plans: readonly StreamPlan[],
  inFlight: number,
): void {
  for (const { stream, beforeStart } of plans) {
    if (beforeStart === null) continue;
    const range = { stream: stream.definition.name, accountId: progress.accountId, ...beforeStart };
    run.tally.beforeStart(range);
  }
  const executions = plans.reduce((sum, plan) => sum + plan.candidates.length, 0);
  const hours = Math.ceil((executions + inFlight) / run.slots) * USUAL_EXECUTION_HOURS;
  run.logger.info(
    {
      account_id: progress.accountId,
      executions,
      in_flight: inFlight,
      hours_ahead: hours,
      closing: plans.reduce((sum, plan) => sum + plan.closings.length, 0),
      before_start: plans.reduce((sum, plan) => sum + Number(plan.beforeStart !== null), 0),
    },
    'run.planned',
  );
}

/** A slice that a run leaves, and when it may be tried again; null for at once. */
export interface LeftSlice {
  readonly reason: LeftReason;
  readonly nextTryMs: InstantMs | null;
}

/** Counts at the end of a run what it leaves for a later one, and names what is in flight. */
export function reportLeft(
  run: RunContext,
  accountId: string,
  left: readonly LeftSlice[],
  inFlight: readonly Resumable[],
): void {
  const byReason = Map.groupBy(left, ({ reason }) => reason);
  for (const [reason, slices] of byReason) {
    const firstMs = Math.min(...slices.map(({ nextTryMs }) => nextTryMs ?? -Infinity));
    const nextTry = firstMs === -Infinity ? null : toIso(firstMs);
    run.tally.left({ accountId, reason, slices: slices.length, nextTry });
    const fields = { account_id: accountId, reason, slices: slices.length, next_try: nextTry };
    run.logger.warn(fields, 'slices.left');
  }
  for (const { stream, inFlight: execution } of inFlight) {
    const { event_date: eventDate, execution_id: executionId, expire_time: expireTime } = execution;
    const slice = { stream: stream.definition.name, accountId, eventDate };
    run.tally.inFlight({ ...slice, executionId, expireTime });
    run.logger.warn(
      {
        stream: slice.stream,
        account_id: accountId,
        event_date: eventDate,
        execution_id: executionId,
        expires: expireTime,
      },
      'slice.in_flight',
    );
  }
}

/** Names at the end of a run what will be lost unless a run soon succeeds. */
export function reportRisks(run: RunContext, slices: readonly SliceKey[]): void {
  for (const slice of slices) {
    run.tally.atRisk(slice);
    run.logger.warn(
      {
        stream: slice.stream,
        account_id: slice.accountId,
        event_date: slice.eventDate,
        reason: 'less than 48 hours remain and there is no complete copy of it',
      },
      'slice.at_risk',
    );
  }
}
