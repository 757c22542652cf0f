import { checkRequest } from './executions/check-request.ts';
import { slotKey } from './account.ts';
import type { Account } from './account.ts';
import type { Clock } from './clock.ts';
import type { CreateExecutionRequest } from './create-request.ts';
import { Downloader } from './download/downloader.ts';
import type { DownloadOptions } from './download/downloader.ts';
import { fetchDownloadUrls } from './download/download-urls.ts';
import type { DownloadUrls } from './download/url-collection.ts';
import type { DownloadedResult } from './download/downloaded-result.ts';
import type { FetchPartOptions } from './download/fetch-part.ts';
import { ExecutionNotFoundError } from './errors/execution-not-found-error.ts';
import { TrafficEventsError } from './errors/traffic-events-error.ts';
import type { WorkflowExecution } from './execution.ts';
import { CreateOnce } from './executions/create-once.ts';
import { ExecutionCalls } from './executions/execution-calls.ts';
import { ExecutionList } from './executions/list-executions.ts';
import type { ListEndpoint, ListFilter } from './executions/list-executions.ts';
import { describeReach } from './executions/describe-reach.ts';
import { askAbout } from './executions/denied-execution.ts';
import { probe } from './executions/probe.ts';
import { createBody } from './executions/request-body.ts';
import type { BodyStyle } from './executions/request-body.ts';
import type { ApiCaller } from './http/api-caller.ts';
import type { AccountRoute } from './http/api-request.ts';
import type { ApiTime } from './http/api-time.ts';
import type { RetryPolicy } from './http/retry-timing.ts';
import type { Logger } from './logger.ts';
import type { DurationMemory } from './polling/duration-memory.ts';
import { CompletionWaiter } from './polling/run-to-completion.ts';
import type { RunToCompletionOptions } from './polling/run-to-completion.ts';
import { SlotPool } from './slots/slot-pool.ts';

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface CreateOptions extends CallOptions {
  /** Ends the wait for a slot, and never a create that is under way. */
  readonly slotSignal?: AbortSignal | undefined;
  /** Longest wait for a slot, in ms of the clock, where it is shorter than the client's own. */
  readonly slotTimeoutMs?: number | undefined;
}

/** What a client shares with the accounts that it serves. */
export interface AccountClientOptions {
  readonly account: Account;
  readonly route: AccountRoute;
  readonly caller: ApiCaller;
  readonly apiTime: ApiTime;
  readonly clock: Clock;
  readonly durations: DurationMemory;
  readonly retry: RetryPolicy;
  readonly random: () => number;
  readonly logger: Logger;
  readonly bodyStyle: BodyStyle;
  readonly checkSql: boolean;
  readonly listEndpoint: ListEndpoint | undefined;
  readonly maxActiveExecutions: number;
  readonly capacityTimeoutMs: number;
  readonly maxDownloadBytes: number;
  readonly downloadTimeoutMs: number;
  readonly fetchPart: FetchPartOptions;
}

/** The API for one account. Get it from `TrafficEventsClient.account`. */
export class AccountClient {
  readonly account: Account;
  readonly #options: AccountClientOptions;
  readonly #calls: ExecutionCalls;
  readonly #list: ExecutionList;
  readonly #slots: SlotPool;
  readonly #create: CreateOnce;
  readonly #waiter: CompletionWaiter;
  readonly #downloader: Downloader;
  /** How many callers wait for each execution, so that nobody else need ask about it. */
  readonly #followed = new Map<string, number>();

  constructor(options: AccountClientOptions) {
    const { account, route, caller, clock, retry, random, logger, apiTime } = options;
    const common = { accountKey: slotKey(account), clock, retry, random, logger };
    this.account = account;
    this.#options = options;
    this.#calls = new ExecutionCalls(caller, route);
    this.#list = new ExecutionList({
      caller,
      route,
      configured: options.listEndpoint,
      nowMs: () => apiTime.nowMs(),
      logger,
    });
    this.#slots = new SlotPool({
      ...common,
      limit: options.maxActiveExecutions,
      checkHeld: (ids, signal) => this.#checkHeld(ids, signal),
    });
    this.#create = new CreateOnce({
      ...common,
      calls: this.#calls,
      list: this.#list,
      slots: this.#slots,
    });
    this.#waiter = new CompletionWaiter({
      ...common,
      apiTime,
      durations: options.durations,
      get: (id, signal) => this.#get(id, signal),
    });
    this.#downloader = new Downloader({
      ...common,
      ...options.fetchPart,
      maxBytes: options.maxDownloadBytes,
      timeoutMs: options.downloadTimeoutMs,
      urls: (id, signal) => this.downloadUrls(id, signal && { signal }),
    });
  }

  /**
   * When the first call began that got no answer, in ms of the clock; undefined while there are
   * answers.
   */
  get unansweredSinceMs(): number | undefined {
    const { caller, route } = this.#options;
    return caller.outage(route).sinceMs;
  }

  /**
   * Resolves when the API itself has answered for this account, and creates nothing. Otherwise it
   * throws what says why not: CredentialsRefusedError, AccessDeniedError, ConnectionError,
   * ServiceUnavailableError (also for a server that is not the API), ApiClockSkewError.
   */
  async probe({ signal }: CallOptions = {}): Promise<void> {
    await probe(this.#calls, this.#list, signal);
    this.#options.apiTime.nowMs();
  }

  /**
   * Waits for a slot and creates an execution, never two: a lost answer is looked up by workflowId.
   * Throws CapacityError when no slot comes free in time, CreateOutcomeUnknownError when an orphan
   * may be left, RequestRefusedError or AccessDeniedError when the API says no.
   */
  async createExecution(
    request: CreateExecutionRequest,
    { signal, slotSignal, slotTimeoutMs = Infinity }: CreateOptions = {},
  ): Promise<WorkflowExecution> {
    const { account, apiTime, bodyStyle, clock, capacityTimeoutMs, checkSql, logger } =
      this.#options;
    checkRequest(request, account, { checkSql });
    const body = createBody(request, bodyStyle);
    const deadlineMs = clock.now() + Math.min(capacityTimeoutMs, slotTimeoutMs);
    const reach = describeReach(request, apiTime.nowMs());
    if (reach !== null) logger.warn({ workflow_id: request.workflowId }, reach);
    const wait = { deadlineMs, signal: slotSignal };
    const created = await this.#create.create(request.workflowId, body, wait, signal);
    this.#note(created);
    this.#warnOfOtherWindow(request, created);
    return created;
  }

  /** The execution as it is now; ExecutionNotFoundError when the API does not know it. */
  async getExecution(
    executionId: string,
    { signal }: CallOptions = {},
  ): Promise<WorkflowExecution> {
    return this.#get(executionId, signal);
  }

  /**
   * Executions of a workflow, or since an instant, from every page. No endpoint for it is certain:
   * ListUnavailableError when none of the known ones answers.
   */
  async *listExecutions(
    filter: ListFilter,
    { signal }: CallOptions = {},
  ): AsyncGenerator<WorkflowExecution> {
    for await (const execution of this.#list.list(filter, signal)) {
      this.#note(execution);
      yield execution;
    }
  }

  /**
   * Polls until the execution has ended, whatever its status, on a schedule that learns how long
   * executions of the same `durationKey` take. ExecutionDeadlineError at the deadline.
   */
  async runToCompletion(
    execution: WorkflowExecution,
    options: RunToCompletionOptions = {},
  ): Promise<WorkflowExecution> {
    const { id } = execution;
    this.#note(execution);
    this.#followed.set(id, (this.#followed.get(id) ?? 0) + 1);
    try {
      return await this.#waiter.wait(execution, options);
    } finally {
      const others = (this.#followed.get(id) ?? 1) - 1;
      if (others > 0) this.#followed.set(id, others);
      else this.#followed.delete(id);
    }
  }

  /**
   * Downloads the part files of a result as they are delivered; all of them or none, each once.
   * Empty files are a result without rows; no file at all is one only where metadata says so.
   * DownloadFailedError, DownloadTooLargeError, ResponseMalformedError for a list that is none.
   */
  async download(executionId: string, options: DownloadOptions): Promise<DownloadedResult> {
    return this.#downloader.download(executionId, options);
  }

  /** Signed URLs of a result; they expire after ten minutes and are secret. */
  async downloadUrls(executionId: string, { signal }: CallOptions = {}): Promise<DownloadUrls> {
    const { caller, route } = this.#options;
    return this.#about(executionId, signal, () =>
      fetchDownloadUrls({ caller, route, executionId, signal }),
    );
  }

  /**
   * Asks the API to stop an execution and returns what has become of it.
   * @experimental Documented for the sibling API only; this one may refuse.
   */
  async cancelExecution(
    executionId: string,
    { signal }: CallOptions = {},
  ): Promise<WorkflowExecution> {
    await this.#about(executionId, signal, () => this.#calls.cancel(executionId, signal));
    return this.#get(executionId, signal);
  }

  #about<Answer>(
    executionId: string,
    signal: AbortSignal | undefined,
    ask: () => Promise<Answer>,
  ): Promise<Answer> {
    return askAbout(executionId, ask, () => probe(this.#calls, this.#list, signal));
  }

  async #get(executionId: string, signal?: AbortSignal): Promise<WorkflowExecution> {
    try {
      const execution = await this.#about(executionId, signal, () =>
        this.#calls.get(executionId, signal),
      );
      this.#note(execution);
      return execution;
    } catch (error) {
      if (error instanceof ExecutionNotFoundError) this.#slots.vacate(executionId);
      throw error;
    }
  }

  /** Keeps the slots in step with what the API says. */
  #note({ id, state }: WorkflowExecution): void {
    if (state === 'active') this.#slots.occupy(id);
    else this.#slots.vacate(id);
  }

  async #checkHeld(executionIds: readonly string[], signal?: AbortSignal): Promise<void> {
    for (const id of executionIds) {
      if (this.#followed.has(id)) continue;
      try {
        await this.#get(id, signal);
      } catch (error) {
        if (!(error instanceof TrafficEventsError) || error.action === 'fatal') throw error;
      }
    }
  }

  /** Without a window that it understands, the API silently takes the most recent day. */
  #warnOfOtherWindow(request: CreateExecutionRequest, created: WorkflowExecution): void {
    const { window } = request;
    const echo = created.window;
    if (typeof window === 'string' || echo === null) return;
    const same =
      (echo.startMs ?? window.startMs) === window.startMs &&
      (echo.endMs ?? window.endMs) === window.endMs;
    if (same) return;
    this.#options.logger.warn(
      { execution_id: created.id, requested: window, echoed: echo },
      'the API says that it uses another time window than was asked for',
    );
  }
}
