import type { AccountClient, WorkflowExecution } from '@traffic-events/client';
import { windowOf } from '@traffic-events/slice';
import type { EventDate, InFlightExecution } from '@traffic-events/slice';

import type { AccountBook } from './account-book.ts';
import { AccountUnavailable } from './account-unavailable.ts';
import type { ApiReach, Reach } from './api-reach.ts';
import { accountFailureCause, createFailure, executionFailure, followFailure } from './failure.ts';
import type { Failure } from './failure.ts';
import type { NotAgain } from './not-again.ts';
import { tailEntry } from './partition.ts';
import { afterOverlapMs, MAX_RESUMES, nextTryMs } from './retry-timing.ts';
import type { AccountStream } from './account-streams.ts';
import type { RunContext } from './run-context.ts';
import { SliceTask } from './slice-task.ts';
import { sliceTiming, URGENT_MS } from './timing.ts';
import { formatWorkflowId } from './workflow-id.ts';

interface Attempt {
  readonly stream: AccountStream;
  readonly eventDate: EventDate;
  readonly workflowId: string;
  /** Null while the create has not been answered. */
  readonly inFlight: InFlightExecution | null;
}

/** Runs single slices of one account, and decides what comes of a failure. */
export class SliceRunner {
  readonly #run: RunContext;
  readonly #account: AccountClient;
  readonly #book: AccountBook;
  readonly #reach: ApiReach;
  readonly #notAgain: NotAgain;
  readonly #timeZone: string;
  readonly #creates = new Map<string, number>();

  constructor(options: {
    run: RunContext;
    account: AccountClient;
    book: AccountBook;
    reach: ApiReach;
    notAgain: NotAgain;
    timeZone: string;
  }) {
    this.#run = options.run;
    this.#account = options.account;
    this.#book = options.book;
    this.#reach = options.reach;
    this.#notAgain = options.notAgain;
    this.#timeZone = options.timeZone;
  }

  async create(stream: AccountStream, eventDate: EventDate, release: () => void): Promise<void> {
    const workflowId = this.#nextWorkflowId(stream, eventDate);
    const task = this.#task(stream, eventDate);
    let created;
    try {
      created = await task.create(workflowId, this.#reach.overSignal);
    } catch (error) {
      const attempt = { stream, eventDate, workflowId, inFlight: null };
      await this.#failed(attempt, createFailure(error), error);
      return;
    }
    this.#notAgain.createAnswered();
    const { inFlight, execution } = created;
    await this.#finish(stream, inFlight, () => task.follow(execution, this.#signal()), release);
  }

  /** Takes over an execution that exists: waits for its end if need be, and delivers it. */
  async resume(
    stream: AccountStream,
    inFlight: InFlightExecution,
    release: () => void,
  ): Promise<void> {
    const task = this.#task(stream, inFlight.event_date);
    const follow = async () => {
      const signal = this.#signal();
      const execution = await this.#account.getExecution(inFlight.execution_id, { signal });
      return task.follow(execution, signal);
    };
    await this.#finish(stream, inFlight, follow, release);
  }

  async #finish(
    stream: AccountStream,
    inFlight: InFlightExecution,
    follow: () => Promise<WorkflowExecution>,
    release: () => void,
  ): Promise<void> {
    const { event_date: eventDate, workflow_id: workflowId } = inFlight;
    const attempt = { stream, eventDate, workflowId, inFlight };
    try {
      const ended = await follow();
      release();
      if (ended.state === 'succeeded') await this.#task(stream, eventDate).deliver(inFlight, ended);
      else await this.#failed(attempt, executionFailure(ended), null);
    } catch (error) {
      await this.#failed(attempt, followFailure(error), error);
    }
  }

  async #failed(attempt: Attempt, failure: Failure, cause: unknown): Promise<void> {
    if (this.#isStopped(cause)) return;
    switch (failure.kind) {
      case 'fatal':
        throw cause;
      case 'network':
      case 'doubtful':
        return this.#unanswered(attempt, failure);
      case 'account':
        return this.#refused(attempt, failure, cause);
      default:
        return this.#enter(attempt, failure);
    }
  }

  /** What nobody answered for costs its slice nothing; what is in flight stays so. */
  async #unanswered(attempt: Attempt, failure: Failure): Promise<void> {
    const { stream, eventDate, inFlight } = attempt;
    const { name } = stream.definition;
    this.#run.logger.warn('slice.unanswered', {
      stream: name,
      account_id: this.#book.accountId,
      event_date: eventDate,
      execution_id: inFlight?.execution_id ?? null,
      reason: failure.reason,
    });
    if (failure.kind === 'doubtful') this.#notAgain.doubt(name, eventDate);
    const reach = await this.#confirmed();
    if (reach !== 'answers') return;
    if (inFlight === null) this.#notAgain.createUnanswered();
    else this.#notAgain.followUnanswered(inFlight.execution_id);
  }

  /** A refused create ends the account; a refused execution only if others are refused as well. */
  async #refused(attempt: Attempt, failure: Failure, cause: unknown): Promise<void> {
    if (attempt.inFlight === null) {
      throw new AccountUnavailable(failure.reason, accountFailureCause(cause), cause);
    }
    if ((await this.#confirmed()) === undefined) return;
    await this.#enter(attempt, { ...failure, kind: 'resume' });
  }

  /** Undefined when the run was stopped meanwhile. */
  async #confirmed(): Promise<Reach | undefined> {
    try {
      return await this.#reach.confirm();
    } catch (error) {
      if (this.#run.signal.aborted) return undefined;
      throw error;
    }
  }

  /** Enters a failure in ledger and state. */
  async #enter(attempt: Attempt, failure: Failure): Promise<void> {
    const { stream, eventDate, workflowId, inFlight } = attempt;
    const { name, dataSources } = stream.definition;
    if (failure.kind === 'never') this.#notAgain.stream(name, 'refused');
    if (failure.kind === 'unusable') this.#notAgain.stream(name, 'failure');
    if (failure.kind === 'later') this.#notAgain.crowd(dataSources);
    const attempts = this.#attempts(attempt) + 1;
    await this.#book.failed(name, eventDate, {
      executionId: inFlight?.execution_id ?? null,
      workflowId,
      createTime: inFlight?.create_time ?? null,
      reason: failure.reason,
      nextTryMs: this.#nextTry(attempt, failure, attempts),
      waitsFor: failure.kind === 'later' ? 'overlap' : 'failure',
      isRefused: failure.kind === 'never',
      keep: failure.kind === 'resume' && attempts < MAX_RESUMES,
    });
  }

  /** Ends the wait for an execution: the run is stopped, or the account is given up. */
  #signal(): AbortSignal {
    return AbortSignal.any([this.#run.signal, this.#reach.overSignal]);
  }

  /** What a stop, or the end of the account, has broken off stays in flight; it is no failure. */
  #isStopped(cause: unknown): boolean {
    const { signal, graceSignal } = this.#run;
    const { overSignal } = this.#reach;
    if (overSignal.aborted && cause === overSignal.reason) return true;
    const isAbort = cause instanceof Error && cause.name === 'AbortError';
    return signal.aborted && (isAbort || cause === signal.reason || cause === graceSignal.reason);
  }

  #nextTry({ stream, eventDate }: Attempt, failure: Failure, attempts: number): number {
    const nowMs = this.#run.client.apiTimeMs();
    if (failure.kind === 'later') return afterOverlapMs(nowMs);
    const window = windowOf(eventDate, this.#timeZone);
    const { expiresMs } = sliceTiming(stream.definition.timing, window);
    return nextTryMs(nowMs, attempts, expiresMs - nowMs < URGENT_MS);
  }

  #attempts({ stream, eventDate }: Attempt): number {
    const partition = this.#book.partition(stream.definition.name);
    return partition === undefined ? 0 : tailEntry(partition, eventDate).attempts;
  }

  #nextWorkflowId({ definition, fingerprint }: AccountStream, eventDate: EventDate): string {
    const key = `${definition.name} ${eventDate}`;
    const attempt = (this.#creates.get(key) ?? 0) + 1;
    this.#creates.set(key, attempt);
    const { runId } = this.#run;
    return formatWorkflowId({ stream: definition.name, eventDate, fingerprint, attempt, runId });
  }

  #task(stream: AccountStream, eventDate: EventDate): SliceTask {
    const window = windowOf(eventDate, this.#timeZone);
    return new SliceTask({
      run: this.#run,
      account: this.#account,
      book: this.#book,
      stream,
      eventDate,
      window,
      timing: sliceTiming(stream.definition.timing, window),
    });
  }
}
