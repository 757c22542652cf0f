import type { Clock } from '../clock.ts';
import { CapacityError } from '../errors/capacity-error.ts';
import { ConnectionError } from '../errors/connection-error.ts';
import { CreateOutcomeUnknownError } from '../errors/create-outcome-unknown-error.ts';
import { ResponseMalformedError } from '../errors/response-malformed-error.ts';
import { ServiceUnavailableError } from '../errors/service-unavailable-error.ts';
import { TrafficEventsError } from '../errors/traffic-events-error.ts';
import type { WorkflowExecution } from '../execution.ts';
import { retryDelayMs } from '../http/retry-timing.ts';
import type { RetryPolicy } from '../http/retry-timing.ts';
import type { Logger } from '../logger.ts';
import type { SlotPool } from '../slots/slot-pool.ts';
import type { ExecutionCalls } from './execution-calls.ts';
import type { ExecutionList } from './list-executions.ts';

export interface CreateOnceOptions {
  readonly accountKey: string;
  readonly calls: ExecutionCalls;
  readonly list: ExecutionList;
  readonly slots: SlotPool;
  readonly clock: Clock;
  readonly retry: RetryPolicy;
  readonly random: () => number;
  readonly logger: Logger;
}

/** How long a create waits for a slot. */
export interface SlotWait {
  /** Clock time. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** A lost create may show up late: how long after it the list is asked, each time. */
const LOOK_UP_DELAYS_MS = [1_000, 5_000, 30_000] as const;

/**
 * Creates an execution, and never two. Creates are not idempotent and there is no idempotency key:
 * after a lost answer the execution is looked up by its unique workflowId before the create is sent
 * again, and without a list it is not sent again at all.
 */
export class CreateOnce {
  readonly #options: CreateOnceOptions;

  constructor(options: CreateOnceOptions) {
    this.#options = options;
  }

  /** Waits for a slot as `wait` says; limit answers only make it wait. */
  async create(
    workflowId: string,
    body: unknown,
    wait: SlotWait,
    signal?: AbortSignal,
  ): Promise<WorkflowExecution> {
    const { slots, logger, accountKey } = this.#options;
    for (;;) {
      const slot = await slots.reserve(wait.deadlineMs, eitherOf(signal, wait.signal));
      let created: WorkflowExecution;
      try {
        created = await this.#createOrFind(workflowId, body, signal);
      } catch (error) {
        if (!(error instanceof CapacityError)) {
          slot.release();
          throw error;
        }
        slot.refuse();
        logger.info({ account_id: accountKey }, 'the API says that the execution limit is reached');
        continue;
      }
      slot.bind(created.id);
      return created;
    }
  }

  async #createOrFind(
    workflowId: string,
    body: unknown,
    signal?: AbortSignal,
  ): Promise<WorkflowExecution> {
    const { calls, retry, random, clock } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await calls.create(body, signal);
      } catch (error) {
        if (!isOutcomeUnknown(error)) throw error;
        const found = await this.#lookUp(workflowId, error, signal);
        if (found !== undefined) return found;
        if (attempt >= retry.maxAttempts) throw error;
        await clock.sleep(
          retryDelayMs({ policy: retry, attempt, retryAfterMs: null, random }),
          signal,
        );
      }
    }
  }

  /** The execution of that workflowId; undefined when the list works and certainly has none. */
  async #lookUp(
    workflowId: string,
    lost: TrafficEventsError,
    signal?: AbortSignal,
  ): Promise<WorkflowExecution | undefined> {
    const { clock, logger, accountKey } = this.#options;
    logger.warn(
      { account_id: accountKey, workflow_id: workflowId, error: lost.message },
      'the answer to a create was lost; looking it up',
    );
    for (const delayMs of LOOK_UP_DELAYS_MS) {
      await clock.sleep(delayMs, signal);
      const found = await this.#find(workflowId, lost, signal);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  async #find(
    workflowId: string,
    lost: TrafficEventsError,
    signal?: AbortSignal,
  ): Promise<WorkflowExecution | undefined> {
    const { list } = this.#options;
    let nameless = false;
    try {
      for await (const execution of list.list({ workflowId }, signal)) {
        if (execution.workflowId === workflowId) return execution;
        nameless = true;
      }
    } catch (error) {
      if (!(error instanceof TrafficEventsError)) throw error;
      throw this.#outcomeUnknown(workflowId, lost, error.message);
    }
    if (nameless) throw this.#outcomeUnknown(workflowId, lost, 'the list leaves out workflowIds');
    return undefined;
  }

  #outcomeUnknown(
    workflowId: string,
    lost: TrafficEventsError,
    why: string,
  ): CreateOutcomeUnknownError {
    return new CreateOutcomeUnknownError(
      `Whether workflow ${workflowId} runs for ${this.#options.accountKey} is unknown: ${lost.message}; and it cannot be looked up: ${why}. An orphan may hold a slot until it ends; ask again under another workflowId later`,
      {
        workflowId,
        cause: lost,
        status: lost.status,
        requestId: lost.requestId,
        unreachable: lost.unreachable,
      },
    );
  }
}

function eitherOf(...signals: readonly (AbortSignal | undefined)[]): AbortSignal | undefined {
  const given = signals.filter((signal) => signal !== undefined);
  return given.length === 0 ? undefined : AbortSignal.any(given);
}

function isOutcomeUnknown(error: unknown): error is TrafficEventsError {
  return (
    (error instanceof ServiceUnavailableError ||
      error instanceof ConnectionError ||
      error instanceof ResponseMalformedError) &&
    error.mayHaveSucceeded
  );
}
