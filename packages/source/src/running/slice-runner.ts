import { TrafficEventsError } from '@traffic-events/client';
import type { AccountClient, CreateOptions, WorkflowExecution } from '@traffic-events/client';
import { windowOf } from '@traffic-events/slice';
import type { EventDate, InFlightExecution } from '@traffic-events/slice';

import type { AccountProgress } from './account-progress.ts';
import type { AccountStream } from '../streams/account-streams.ts';
import type { ApiReach } from './api-reach.ts';
import { createFailure, executionFailure, followFailure } from './failure.ts';
import type { Exclusions } from './exclusions.ts';
import { followUntilMs, isPressing, leftMs } from '../planning/patience.ts';
import type { Standing } from '../planning/patience.ts';
import type { RunContext } from './run-context.ts';
import { SliceFailures } from './slice-failures.ts';
import { standingOf } from './slice-standing.ts';
import { SliceTask } from './slice-task.ts';
import { sliceTiming } from '../streams/timing.ts';
import { formatWorkflowId } from './workflow-id.ts';

/** The API's time comes in whole seconds: a slice that has just expired may not seem so yet. */
const SHORTEST_SLOT_WAIT_MS = 60_000;

export interface SliceRunnerOptions {
  readonly run: RunContext;
  readonly account: AccountClient;
  readonly progress: AccountProgress;
  readonly reach: ApiReach;
  readonly exclusions: Exclusions;
  readonly timeZone: string;
}

/** Runs single slices of one account. */
export class SliceRunner {
  readonly #options: SliceRunnerOptions;
  readonly #failures: SliceFailures;
  readonly #creates = new Map<string, number>();

  constructor(options: SliceRunnerOptions) {
    this.#options = options;
    this.#failures = new SliceFailures(options);
  }

  async create(stream: AccountStream, eventDate: EventDate, release: () => void): Promise<void> {
    const workflowId = this.#nextWorkflowId(stream, eventDate);
    const task = this.#task(stream, eventDate);
    const wait = this.#createWait(stream, eventDate);
    const goneMs = this.#options.run.clock.now() + wait.slotTimeoutMs;
    let created;
    try {
      created = await task.create(workflowId, wait);
    } catch (error) {
      // It waited for a slot for as long as there was something to be had: the plan sees to it.
      if (isCapacity(error) && this.#options.run.clock.now() >= goneMs) return;
      const attempt = { stream, eventDate, workflowId, inFlight: null };
      await this.#failures.take(attempt, createFailure(error), error);
      return;
    }
    this.#options.exclusions.createAnswered();
    const { inFlight, execution } = created;
    await this.#finish(stream, inFlight, async () => execution, release);
  }

  /** Takes over an execution that exists: waits for its end if need be, and delivers it. */
  async resume(
    stream: AccountStream,
    inFlight: InFlightExecution,
    release: () => void,
  ): Promise<void> {
    const { execution_id: id, event_date: eventDate } = inFlight;
    const ask = () =>
      this.#options.account.getExecution(id, { signal: this.#endOfWait(stream, eventDate) });
    await this.#finish(stream, inFlight, ask, release);
  }

  async #finish(
    stream: AccountStream,
    inFlight: InFlightExecution,
    find: () => Promise<WorkflowExecution>,
    release: () => void,
  ): Promise<void> {
    const { event_date: eventDate, workflow_id: workflowId } = inFlight;
    const attempt = { stream, eventDate, workflowId, inFlight };
    const task = this.#task(stream, eventDate);
    try {
      const execution = await find();
      const ended = await task.follow(execution, this.#followWait(stream, inFlight, execution));
      release();
      if (ended.state === 'succeeded') await task.deliver(inFlight, ended);
      else await this.#failures.take(attempt, executionFailure(ended), null);
    } catch (error) {
      await this.#failures.take(attempt, followFailure(error), error);
    }
  }

  #createWait(stream: AccountStream, eventDate: EventDate): CreateOptions & SlotTimeout {
    const { timing, nowMs } = this.#standing(stream, eventDate);
    return {
      // A create that is broken off half-way may leave an orphan: a stop lets it end.
      signal: AbortSignal.any([this.#options.run.graceSignal, this.#options.reach.overSignal]),
      slotSignal: this.#endOfWait(stream, eventDate),
      slotTimeoutMs: Math.max(SHORTEST_SLOT_WAIT_MS, leftMs(timing, nowMs)),
    };
  }

  #followWait(stream: AccountStream, inFlight: InFlightExecution, execution: WorkflowExecution) {
    const slice = this.#standing(stream, inFlight.event_date);
    const waitMs = followUntilMs(execution, inFlight, slice) - slice.nowMs;
    return {
      signal: this.#endOfWait(stream, inFlight.event_date),
      deadlineMs: this.#options.run.clock.now() + waitMs,
    };
  }

  /** Aborted when nothing is waited for any more: the run ends, its time is up, or the account is given up. */
  #endOfWait(stream: AccountStream, eventDate: EventDate): AbortSignal {
    const ends = [this.#options.run.signal, this.#options.reach.overSignal];
    if (!isPressing(this.#standing(stream, eventDate))) ends.push(this.#options.run.timeUpSignal);
    return AbortSignal.any(ends);
  }

  #standing(stream: AccountStream, eventDate: EventDate): Standing {
    return standingOf(this.#options, stream, eventDate);
  }

  #nextWorkflowId({ definition, fingerprint }: AccountStream, eventDate: EventDate): string {
    const key = `${definition.name} ${eventDate}`;
    const attempt = (this.#creates.get(key) ?? 0) + 1;
    this.#creates.set(key, attempt);
    const { runId } = this.#options.run;
    return formatWorkflowId({ stream: definition.name, eventDate, fingerprint, attempt, runId });
  }

  #task(stream: AccountStream, eventDate: EventDate): SliceTask {
    const window = windowOf(eventDate, this.#options.timeZone);
    return new SliceTask({
      ...this.#options,
      stream,
      eventDate,
      window,
      timing: sliceTiming(stream.definition.timing, window),
    });
  }
}

interface SlotTimeout {
  readonly slotTimeoutMs: number;
}

function isCapacity(error: unknown): boolean {
  return error instanceof TrafficEventsError && error.code === 'capacity';
}
