import { describeSlice } from '@traffic-events/slice';
import type { InstantMs, SliceKey } from '@traffic-events/slice';

import type { AccountProgress } from './account-progress.ts';
import type { Resumable, StreamPlan } from './account-planner.ts';
import { accountOutlook, outlookFields } from '../planning/account-outlook.ts';
import type { WorkAhead } from '../planning/look-ahead.ts';
import { toIso } from '../state/partition.ts';
import type { RunContext } from './run-context.ts';
import type { LeftReason } from './run-summary.ts';

/** What a run knows of an account beside its plan. */
interface Standing {
  /** Executions of earlier runs that are taken over. */
  readonly inFlight: number;
  /** How long executions of the last day took. */
  readonly durationsMs: readonly number[];
  /** What the query of a slice asks for. */
  readonly together: NonNullable<WorkAhead['together']>;
  /** Streams that were never asked for. */
  readonly newStreams: readonly string[];
}

/** Says at the beginning of a run what lies ahead of an account. */
export function announcePlan(
  run: RunContext,
  { accountId }: AccountProgress,
  plans: readonly StreamPlan[],
  { inFlight, durationsMs, together, newStreams }: Standing,
): void {
  for (const { stream, beforeStart } of plans) {
    if (beforeStart === null) continue;
    const range = { stream: stream.definition.name, accountId, ...beforeStart };
    run.tally.beforeStart(range);
  }
  const work = {
    candidates: plans.flatMap(({ stream, candidates }) =>
      run.refusedStreams.has(stream.definition.name) ? [] : candidates,
    ),
    inFlight,
    together,
    newStreams,
    slots: run.slots,
    maxExecutionsPerDay: run.maxExecutionsPerDay,
    nowMs: run.client.apiTimeMs(),
  };
  run.logger.info(
    {
      ...outlookFields(accountOutlook(accountId, work, durationsMs)),
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

/** Names once, at the end of a run, the dates of an account that will be lost unless a run soon succeeds. */
export class RiskReport {
  readonly #run: RunContext;
  /** Dates at risk by the state. */
  readonly #risks: () => readonly SliceKey[];
  #isTold = false;

  constructor(run: RunContext, risks: () => readonly SliceKey[]) {
    this.#run = run;
    this.#risks = risks;
  }

  tell(slices = this.#risks()): void {
    if (this.#isTold) return;
    this.#isTold = true;
    for (const slice of slices) {
      this.#run.tally.atRisk(slice);
      this.#run.logger.warn(
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

  /** A state that was lost does not know of whole copies that the sink holds. */
  async tellUnlessHeld(): Promise<void> {
    const risks = this.#risks();
    const held = new Set((await this.#run.sink.holdsWhole(risks)).map(describeSlice));
    this.tell(risks.filter((slice) => !held.has(describeSlice(slice))));
  }
}
