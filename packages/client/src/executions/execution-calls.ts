import type { WorkflowExecution } from '../execution.ts';
import type { ApiCaller } from '../http/api-caller.ts';
import type { AccountRoute } from '../http/api-request.ts';
import { EXECUTIONS_PATH, executionPath } from './executions-path.ts';
import { readExecution } from './read-execution.ts';

/** The calls about single executions of one account. */
export class ExecutionCalls {
  readonly #caller: ApiCaller;
  readonly #route: AccountRoute;

  constructor(caller: ApiCaller, route: AccountRoute) {
    this.#caller = caller;
    this.#route = route;
  }

  /** Sends a create exactly once, unless it certainly had no effect. */
  async create(body: unknown, signal?: AbortSignal): Promise<WorkflowExecution> {
    const answer = await this.#caller.call(this.#route, {
      operation: 'create',
      method: 'POST',
      path: EXECUTIONS_PATH,
      body,
      repeatable: false,
      signal,
    });
    return readExecution(answer);
  }

  async get(executionId: string, signal?: AbortSignal): Promise<WorkflowExecution> {
    const answer = await this.#caller.call(this.#route, {
      operation: 'get',
      method: 'GET',
      path: executionPath(executionId),
      executionId,
      repeatable: true,
      signal,
    });
    return readExecution(answer);
  }

  /** Not documented for this API; the sibling takes a PUT with the status wanted. */
  async cancel(executionId: string, signal?: AbortSignal): Promise<void> {
    await this.#caller.call(this.#route, {
      operation: 'cancel',
      method: 'PUT',
      path: executionPath(executionId),
      executionId,
      body: { status: 'CANCELLED' },
      repeatable: true,
      signal,
    });
  }
}
