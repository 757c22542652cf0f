import { randomUUID } from 'node:crypto';
import type { SimulatedAccount } from '../accounts/account.ts';
import type { Fault } from '../faults/fault.ts';
import { ApiError } from '../http/api-error.ts';
import { createRequestOf } from './create-request.ts';
import { Durations } from './durations.ts';
import { Execution } from './execution.ts';
import type { Phases } from './execution.ts';
import type { QueryRunner } from './query-runner.ts';
import { resultFiles } from './result-csv.ts';
import { checkReport } from './report-request.ts';
import { timeWindowOf, understoodFields } from './time-window.ts';

export interface ExecutionsOptions {
  readonly runner: QueryRunner;
  readonly now: () => number;
}

/** A dry run ends within seconds. */
const DRY_RUN_PHASES: Phases = { pendingMs: 1000, runningMs: 1000, publishingMs: 0 };

/** Results kept in memory, in bytes; older ones are run again when they are wanted. */
const KEPT_RESULT_BYTES = 256 * 1024 * 1024;

/** What a query answered. */
export interface ExecutionResult {
  readonly files: readonly Buffer[];
  readonly rowCount: number;
}

/** All executions of all accounts. */
export class Executions {
  readonly #options: ExecutionsOptions;
  readonly #byId = new Map<string, Execution>();
  readonly #byAccount = new Map<SimulatedAccount, Execution[]>();
  readonly #results = new Map<Execution, Promise<ExecutionResult>>();
  readonly #durations = new Durations();
  #resultBytes = 0;

  constructor(options: ExecutionsOptions) {
    this.#options = options;
  }

  find(id: string): Execution | undefined {
    return this.#byId.get(id);
  }

  /** Every execution, oldest first. */
  all(): readonly Execution[] {
    return [...this.#byId.values()];
  }

  of(account: SimulatedAccount): readonly Execution[] {
    return this.#byAccount.get(account) ?? [];
  }

  /** Throws ApiError 400 for a body, or the capacity status when too many are active. */
  async create(account: SimulatedAccount, body: unknown, fault?: Fault): Promise<Execution> {
    const request = createRequestOf(body);
    if (account.behaviour.singleLineSql && /[\n\r\t]/.test(request.sqlQuery)) {
      throw new ApiError(400, 'sqlQuery must be on a single line, without tabs');
    }
    const window = timeWindowOf(
      understoodFields(request.window, account.behaviour.windowShape),
      this.#options.now(),
    );
    if (request.report !== null) checkReport(request.report, account, window);
    const { rejection, sources, branches } = await this.#options.runner.check(account, request);
    this.#checkCapacity(account);
    const id = randomUUID();
    const execution = new Execution({
      id,
      account,
      request,
      window,
      createdMs: this.#options.now(),
      phases: request.dryRun ? DRY_RUN_PHASES : this.#durations.next(account, branches),
      sources,
      rejection: rejection ?? this.#overlapRefusal(account, { id, request, window, sources }),
      fault,
    });
    this.#byId.set(execution.id, execution);
    const earlier = this.#byAccount.get(account);
    if (earlier === undefined) this.#byAccount.set(account, [execution]);
    else earlier.push(execution);
    return execution;
  }

  /** Throws ApiError 404 for an id that is unknown, or another account's. */
  get(account: SimulatedAccount, id: string): Execution {
    const execution = this.#byId.get(id);
    if (execution?.account === account) return execution;
    throw new ApiError(404, `Workflow execution with ID ${id} not found`);
  }

  /** Runs the query if its time has come, and it has not been run: only then is it known to succeed. */
  async settle(execution: Execution, nowMs: number): Promise<void> {
    if (execution.statusAt(nowMs) === 'SUCCEEDED') await this.result(execution);
  }

  /** The result of an execution that has SUCCEEDED; without files when its query failed after all. */
  result(execution: Execution): Promise<ExecutionResult> {
    const known = this.#results.get(execution);
    if (known !== undefined) return known;
    const made = this.#run(execution);
    this.#results.set(execution, made);
    return made;
  }

  async #run(execution: Execution): Promise<ExecutionResult> {
    try {
      const table = await this.#options.runner.run(execution);
      const files = resultFiles(table, execution.account.behaviour);
      this.#keep(files.reduce((sum, file) => sum + file.length, 0));
      return { files, rowCount: table.rows.length };
    } catch (error) {
      execution.fail(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
      return { files: [], rowCount: 0 };
    }
  }

  #keep(bytes: number): void {
    this.#resultBytes += bytes;
    if (this.#resultBytes <= KEPT_RESULT_BYTES) return;
    this.#results.clear();
    this.#resultBytes = 0;
  }

  /** The rule against differencing: too many queries over the same data and time (API.md 2.4). */
  #overlapRefusal(
    account: SimulatedAccount,
    wanted: Pick<Execution, 'id' | 'request' | 'window' | 'sources'>,
  ): string | undefined {
    const { overlapLimit } = account.behaviour;
    const overlapping = this.of(account).filter((each) => overlaps(each, wanted)).length;
    if (overlapLimit === null || overlapping < overlapLimit) return undefined;
    const workflow = wanted.request.workflowId ?? `transient_${wanted.id}`;
    return `Execution "${wanted.id}" of workflow "${workflow}" could not be run because too many workflows have already been run against the same input data sources in the same or overlapping time windows.`;
  }

  #checkCapacity(account: SimulatedAccount): void {
    const { maxActiveExecutions, capacityStatus } = account.behaviour;
    const nowMs = this.#options.now();
    const active = this.of(account).filter((each) => each.isActiveAt(nowMs)).length;
    if (active + account.behaviour.slotsHeldByOthers < maxActiveExecutions) return;
    throw new ApiError(
      capacityStatus,
      `You have reached your execution limit of ${maxActiveExecutions} workflowExecutions that are in PENDING or RUNNING status. Try again after one or some of your execution completes.`,
    );
  }
}

function overlaps(earlier: Execution, wanted: Pick<Execution, 'window' | 'sources'>): boolean {
  if (earlier.rejection !== undefined) return false;
  const apart =
    earlier.window.endMs <= wanted.window.startMs || wanted.window.endMs <= earlier.window.startMs;
  return !apart && [...earlier.sources].some((source) => wanted.sources.has(source));
}
