import type { AccountClient, WorkflowExecution } from '@traffic-events/client';
import { windowOf } from '@traffic-events/slice';
import type { EventDate, InFlightExecution } from '@traffic-events/slice';

import type { AccountProgress } from './account-progress.ts';
import type { BundleDurations } from './bundle-durations.ts';
import type { BundleProofs } from './bundle-proofs.ts';
import type { AccountStream } from '../streams/account-streams.ts';
import type { ApiReach } from './api-reach.ts';
import { createFailure, executionFailure, followFailure } from './failure.ts';
import type { Exclusions } from './exclusions.ts';
import type { Standing } from '../planning/patience.ts';
import type { RunContext } from './run-context.ts';
import { SliceFailures } from './slice-failures.ts';
import { standingOf } from './slice-standing.ts';
import { SliceTask } from './slice-task.ts';
import { sliceTiming } from '../streams/timing.ts';
import { createWait, endOfWait, followWait, isCapacity } from './waits.ts';
import { formatWorkflowId } from './workflow-id.ts';

export interface SliceRunnerOptions {
  readonly run: RunContext;
  readonly account: AccountClient;
  readonly progress: AccountProgress;
  readonly reach: ApiReach;
  readonly exclusions: Exclusions;
  readonly proofs: BundleProofs;
  readonly durations: BundleDurations;
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
    const wait = createWait(this.#options, this.#standing(stream, eventDate));
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
    const ask = () => {
      const signal = endOfWait(this.#options, this.#standing(stream, eventDate));
      return this.#options.account.getExecution(id, { signal });
    };
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
      const standing = this.#standing(stream, eventDate);
      const wait = followWait(this.#options, standing, { inFlight, execution });
      const ended = await task.follow(execution, wait);
      release();
      if (ended.state === 'succeeded') {
        this.#options.durations.alone(ended, stream.definition.name);
        await task.deliver(inFlight, ended);
      } else await this.#failures.take(attempt, executionFailure(ended), null);
    } catch (error) {
      await this.#failures.take(attempt, followFailure(error), error);
    }
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
