import type { AccountClient, WorkflowExecution } from '@traffic-events/client';
import { windowOf } from '@traffic-events/slice';
import type { EventDate, InFlightExecution } from '@traffic-events/slice';

import type { AccountBook } from './account-book.ts';
import { AccountUnavailable } from './account-unavailable.ts';
import { accountFailureCause, createFailure, executionFailure, followFailure } from './failure.ts';
import type { Failure } from './failure.ts';
import { tailEntry } from './partition.ts';
import { afterOverlapMs, MAX_RESUMES, nextTryMs } from './retry-timing.ts';
import type { AccountStream } from './account-streams.ts';
import type { RunContext } from './run-context.ts';
import type { LeftReason } from './run-summary.ts';
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

/** Runs single slices of one account and remembers what must not be sent again in this run. */
export class SliceRunner {
  readonly #run: RunContext;
  readonly #account: AccountClient;
  readonly #book: AccountBook;
  readonly #timeZone: string;
  readonly #creates = new Map<string, number>();
  /** Streams that are not sent again, and why. */
  readonly #givenUp = new Map<string, LeftReason>();
  /** Data sources over which too many workflows ran. */
  readonly #crowded = new Set<string>();
  /** Slices whose create may or may not have taken effect. */
  readonly #doubtful = new Set<string>();

  constructor(options: {
    run: RunContext;
    account: AccountClient;
    book: AccountBook;
    timeZone: string;
  }) {
    this.#run = options.run;
    this.#account = options.account;
    this.#book = options.book;
    this.#timeZone = options.timeZone;
  }

  /** Whether rule 14 lets a slice be sent (again) in this run. */
  mayCreate(stream: AccountStream, eventDate: EventDate, mustNow: boolean): boolean {
    const { name, dataSources } = stream.definition;
    if (this.#givenUp.has(name) || this.#doubtful.has(`${name} ${eventDate}`)) return false;
    return mustNow || !dataSources.some((table) => this.#crowded.has(table));
  }

  /** Why a slice that may not be sent (again) in this run was left; null where it may. */
  leftReason({ definition }: AccountStream, eventDate: EventDate): LeftReason | null {
    const { name, dataSources } = definition;
    const givenUp = this.#givenUp.get(name);
    if (givenUp !== undefined) return givenUp;
    if (this.#doubtful.has(`${name} ${eventDate}`)) return 'network';
    return dataSources.some((table) => this.#crowded.has(table)) ? 'overlap' : null;
  }

  async create(stream: AccountStream, eventDate: EventDate, release: () => void): Promise<void> {
    const workflowId = this.#nextWorkflowId(stream, eventDate);
    const task = this.#task(stream, eventDate);
    let created;
    try {
      created = await task.create(workflowId);
    } catch (error) {
      const attempt = { stream, eventDate, workflowId, inFlight: null };
      await this.#failed(attempt, createFailure(error), error);
      return;
    }
    await this.#finish(stream, created.inFlight, () => task.follow(created.execution), release);
  }

  /** Takes over an execution that exists: waits for its end if need be, and delivers it. */
  async resume(
    stream: AccountStream,
    inFlight: InFlightExecution,
    release: () => void,
  ): Promise<void> {
    const task = this.#task(stream, inFlight.event_date);
    const follow = async () => {
      const id = inFlight.execution_id;
      return task.follow(await this.#account.getExecution(id, { signal: this.#run.signal }));
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
    if (failure.kind === 'fatal') throw cause;
    const { stream, eventDate, workflowId, inFlight } = attempt;
    const { name, dataSources } = stream.definition;
    if (failure.kind === 'never') this.#givenUp.set(name, 'refused');
    if (failure.kind === 'unusable') this.#givenUp.set(name, 'failure');
    if (failure.kind === 'later') for (const table of dataSources) this.#crowded.add(table);
    if (failure.kind === 'doubtful') this.#doubtful.add(`${name} ${eventDate}`);
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
    if (failure.kind === 'account') {
      throw new AccountUnavailable(failure.reason, accountFailureCause(cause), cause);
    }
  }

  /** What the run's own stop has broken off stays in flight; it is no failure. */
  #isStopped(cause: unknown): boolean {
    const { signal, graceSignal } = this.#run;
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
