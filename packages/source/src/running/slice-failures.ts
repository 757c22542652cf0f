import type { EventDate, InFlightExecution } from '@traffic-events/slice';

import type { AccountProgress } from './account-progress.ts';
import type { BundleProofs } from './bundle-proofs.ts';
import type { AccountStream } from '../streams/account-streams.ts';
import { AccountUnavailable } from './account-unavailable.ts';
import type { ApiReach, Reach } from './api-reach.ts';
import { accountFailureCause } from './failure.ts';
import type { Failure, FailureKind } from './failure.ts';
import type { Exclusions } from './exclusions.ts';
import { isGivenUp, isReplaceable } from '../planning/patience.ts';
import type { Standing } from '../planning/patience.ts';
import { MAX_RESUMES, nextTryMs } from '../planning/retry-schedule.ts';
import type { RunContext } from './run-context.ts';
import { standingOf } from './slice-standing.ts';
import { parseWorkflowId } from './workflow-id.ts';

/** What keeps a run from asking for more of a stream, or over the same data. */
const OF_ITS_TIME: ReadonlySet<FailureKind> = new Set(['later', 'never', 'unusable']);

/** An execution of a slice, or a create that did not become one. */
export interface Attempt {
  readonly stream: AccountStream;
  readonly eventDate: EventDate;
  readonly workflowId: string;
  /** Null while the create has not been answered. */
  readonly inFlight: InFlightExecution | null;
}

export interface SliceFailuresOptions {
  readonly run: RunContext;
  readonly progress: AccountProgress;
  readonly reach: ApiReach;
  readonly exclusions: Exclusions;
  readonly proofs: BundleProofs;
  readonly timeZone: string;
}

/** What comes of the failures of one account's slices. */
export class SliceFailures {
  readonly #options: SliceFailuresOptions;

  constructor(options: SliceFailuresOptions) {
    this.#options = options;
  }

  /** Throws what ends the account or the run. */
  async take(attempt: Attempt, shown: Failure, cause: unknown): Promise<void> {
    if (this.#isStopped(cause)) return;
    const failure = this.#asOfNow(attempt, shown);
    switch (failure.kind) {
      case 'fatal':
        throw cause;
      case 'network':
      case 'doubtful':
        return this.#unanswered(attempt, failure);
      case 'account':
        throw new AccountUnavailable(failure.reason, accountFailureCause(cause), cause);
      case 'overdue':
        return this.#overdue(attempt, failure);
      default:
        return this.#enter(attempt, failure);
    }
  }

  /** What an execution of an earlier run met says nothing of what a new one would meet. */
  #asOfNow({ workflowId }: Attempt, { kind, reason }: Failure): Failure {
    const isOfThisRun = parseWorkflowId(workflowId)?.runId === this.#options.run.runId;
    return { kind: isOfThisRun || !OF_ITS_TIME.has(kind) ? kind : 'again', reason };
  }

  /** What nobody answered for costs its slice nothing; what is in flight stays so. */
  async #unanswered(attempt: Attempt, failure: Failure): Promise<void> {
    const { stream, eventDate, inFlight } = attempt;
    this.#warn('slice.unanswered', attempt, { reason: failure.reason });
    if (failure.kind === 'doubtful')
      this.#options.exclusions.doubt(stream.definition.name, eventDate);
    const reach = await this.#confirmed();
    if (reach !== 'answers') return;
    if (inFlight === null) return this.#options.exclusions.createUnanswered();
    return this.#unheard(attempt, inFlight, failure);
  }

  /** What alone is not answered for is left to the next run, unless its slice is to be asked for again. */
  async #unheard(
    attempt: Attempt,
    inFlight: InFlightExecution,
    { reason }: Failure,
  ): Promise<void> {
    const { exclusions } = this.#options;
    exclusions.followUnanswered(inFlight.execution_id);
    if (!exclusions.isUnheard(inFlight.execution_id)) return undefined;
    if (!isGivenUp(inFlight, this.#standing(attempt))) return undefined;
    return this.#enter(attempt, { kind: 'again', reason });
  }

  /** Undefined when the run was stopped meanwhile. */
  async #confirmed(): Promise<Reach | undefined> {
    try {
      return await this.#options.reach.confirm();
    } catch (error) {
      if (this.#options.run.signal.aborted) return undefined;
      throw error;
    }
  }

  /** What does not end is left to the next run, unless its slice has to be asked for again. */
  async #overdue(attempt: Attempt, { reason }: Failure): Promise<void> {
    const { inFlight } = attempt;
    if (inFlight === null || isGivenUp(inFlight, this.#standing(attempt))) {
      return this.#enter(attempt, { kind: 'again', reason });
    }
    this.#options.exclusions.leave(inFlight.execution_id);
    this.#warn('slice.overdue', attempt, { reason, expires: inFlight.expire_time });
    return undefined;
  }

  /** Enters a failure in ledger and state. */
  async #enter(attempt: Attempt, failure: Failure): Promise<void> {
    const { stream, eventDate, workflowId, inFlight } = attempt;
    const { name, dataSources } = stream.definition;
    if (failure.kind === 'never') this.#options.exclusions.stream(name, 'refused');
    if (failure.kind === 'unusable') this.#options.exclusions.stream(name, 'failure');
    if (failure.kind === 'later') {
      this.#options.exclusions.crowd(dataSources);
      await this.#options.proofs.crowded(dataSources);
    }
    const standing = this.#standing(attempt);
    const { entry, timing, nowMs } = standing;
    const attempts = entry.attempts + 1;
    const isResumed =
      attempts < MAX_RESUMES && inFlight !== null && !isReplaceable(inFlight, standing);
    const waitsFor = failure.kind === 'later' ? 'overlap' : 'failure';
    await this.#options.progress.failed(name, eventDate, {
      executionId: inFlight?.execution_id ?? null,
      workflowId,
      createTime: inFlight?.create_time ?? null,
      reason: failure.reason,
      nextTryMs: nextTryMs({ nowMs, attempts, waitsFor, timing }),
      waitsFor,
      isRefused: failure.kind === 'never',
      keep: failure.kind === 'unstored' || (failure.kind === 'resume' && isResumed),
    });
  }

  /** What a stop, or the end of the account, has broken off stays in flight; it is no failure. */
  #isStopped(cause: unknown): boolean {
    const { signal, graceSignal, timeUpSignal } = this.#options.run;
    const ends = [signal, graceSignal, timeUpSignal, this.#options.reach.overSignal];
    const over = ends.filter(({ aborted }) => aborted);
    if (over.some(({ reason }) => reason === cause)) return true;
    return over.length > 0 && cause instanceof Error && cause.name === 'AbortError';
  }

  #standing({ stream, eventDate }: Attempt): Standing {
    return standingOf(this.#options, stream, eventDate);
  }

  #warn(
    event: string,
    { stream, eventDate, inFlight }: Attempt,
    fields: Readonly<Record<string, unknown>>,
  ): void {
    this.#options.run.logger.warn(
      {
        stream: stream.definition.name,
        account_id: this.#options.progress.accountId,
        event_date: eventDate,
        execution_id: inFlight?.execution_id ?? null,
        ...fields,
      },
      event,
    );
  }
}
