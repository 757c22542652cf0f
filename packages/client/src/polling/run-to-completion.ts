import type { Clock } from '../clock.ts';
import { ExecutionDeadlineError } from '../errors/execution-deadline-error.ts';
import type { WorkflowExecution } from '../execution.ts';
import type { ApiTime } from '../http/api-time.ts';
import type { Logger } from '../logger.ts';
import { isKnownStatus } from '../executions/read-execution.ts';
import type { DurationMemory } from './duration-memory.ts';
import { nextPollMs } from './poll-schedule.ts';

/** What a poll found. */
export interface ProgressEvent {
  readonly execution: WorkflowExecution;
  /** Status calls so far. */
  readonly polls: number;
  /** Since the execution was created, by the API's clock. */
  readonly elapsedMs: number;
}

export interface RunToCompletionOptions {
  readonly signal?: AbortSignal;
  /** Instant (epoch ms, client's clock) at which to stop waiting; 24 hours from now unless set. */
  readonly deadlineMs?: number;
  /** Executions that take about as long as each other, a stream's for instance. */
  readonly durationKey?: string;
  readonly onProgress?: (event: ProgressEvent) => void;
}

export interface CompletionWaiterOptions {
  readonly accountKey: string;
  readonly get: (executionId: string, signal?: AbortSignal) => Promise<WorkflowExecution>;
  readonly clock: Clock;
  readonly apiTime: ApiTime;
  readonly durations: DurationMemory;
  readonly logger: Logger;
}

const DEFAULT_PATIENCE_MS = 24 * 3_600_000;

/** Polls executions on a schedule that learns how long they take. */
export class CompletionWaiter {
  readonly #options: CompletionWaiterOptions;

  constructor(options: CompletionWaiterOptions) {
    this.#options = options;
  }

  /** The execution once it has ended, whatever its status; ExecutionDeadlineError before that. */
  async wait(
    execution: WorkflowExecution,
    options: RunToCompletionOptions,
  ): Promise<WorkflowExecution> {
    const { clock, apiTime, durations, get } = this.#options;
    const { signal, durationKey = '' } = options;
    const deadlineMs = options.deadlineMs ?? clock.now() + DEFAULT_PATIENCE_MS;
    const startMs = execution.createTimeMs ?? apiTime.nowMs();
    const elapsed = () => Math.max(0, apiTime.nowMs() - startMs);
    const fit = durations.fit(durationKey);
    let current = execution;
    let seenActiveMs = Math.max(0, (execution.apiTimeMs ?? startMs) - startMs);
    // One that began before this program did may have ended long ago: ask at once.
    let dueMs = nextDueMs(elapsed(), fit);
    for (let polls = 1; current.state === 'active'; polls += 1) {
      await this.#pause(current, dueMs - elapsed(), deadlineMs, signal);
      const { status: previous, window } = current;
      const answer = await get(execution.id, signal);
      // Later answers may leave out what an earlier one has said.
      current = { ...answer, window: answer.window ?? window };
      const elapsedMs = elapsed();
      this.#report(current, previous, { polls, elapsedMs }, options);
      if (current.state === 'active') {
        seenActiveMs = elapsedMs;
        // Date headers are rounded down, so that it may seem earlier now than when this poll was due.
        dueMs = nextPollMs(Math.max(elapsedMs, dueMs), fit);
      } else {
        durations.add(durationKey, intervalOf(current, startMs, seenActiveMs, elapsedMs));
      }
    }
    return current;
  }

  async #pause(
    execution: WorkflowExecution,
    ms: number,
    deadlineMs: number,
    signal?: AbortSignal,
  ): Promise<void> {
    const { clock, accountKey } = this.#options;
    const leftMs = deadlineMs - clock.now();
    await clock.sleep(Math.max(0, Math.min(ms, leftMs)), signal);
    if (ms <= leftMs) return;
    throw new ExecutionDeadlineError(
      `Execution ${execution.id} of ${accountKey} is still ${execution.status} at the deadline ${new Date(deadlineMs).toISOString()}; it keeps its slot until it ends. Ask for it again later`,
    );
  }

  #report(
    execution: WorkflowExecution,
    previousStatus: string,
    counts: { readonly polls: number; readonly elapsedMs: number },
    options: RunToCompletionOptions,
  ): void {
    if (execution.status !== previousStatus && !isKnownStatus(execution.status)) {
      this.#options.logger.warn(
        { execution_id: execution.id, status: execution.status },
        'unknown status; waiting on as if the execution were running',
      );
    }
    options.onProgress?.({ execution, ...counts });
  }
}

/** Elapsed time of the first poll. */
function nextDueMs(elapsedMs: number, fit: ReturnType<DurationMemory['fit']>): number {
  const firstMs = nextPollMs(0, fit);
  return elapsedMs < firstMs ? firstMs : elapsedMs;
}

/** When it ended: exactly, where the API says when it last changed, else between two polls. */
function intervalOf(
  ended: WorkflowExecution,
  startMs: number,
  lowMs: number,
  highMs: number,
): { lowMs: number; highMs: number } {
  const updatedMs = (ended.lastUpdatedTimeMs ?? 0) - startMs;
  const exact = updatedMs > lowMs && updatedMs <= highMs;
  if (exact) return { lowMs: updatedMs, highMs: updatedMs };
  return { lowMs: Math.max(lowMs, 1_000), highMs: Math.max(highMs, 1_000) };
}
