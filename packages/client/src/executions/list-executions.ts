import { randomUUID } from 'node:crypto';

import { AccessDeniedError } from '../errors/access-denied-error.ts';
import { ConfigurationError } from '../errors/configuration-error.ts';
import { ExecutionNotFoundError } from '../errors/execution-not-found-error.ts';
import { ListUnavailableError } from '../errors/list-unavailable-error.ts';
import { RequestRefusedError } from '../errors/request-refused-error.ts';
import { ServiceUnavailableError } from '../errors/service-unavailable-error.ts';
import type { WorkflowExecution } from '../execution.ts';
import type { ApiCaller } from '../http/api-caller.ts';
import type { AccountRoute, ApiAnswer } from '../http/api-request.ts';
import type { Logger } from '../logger.ts';
import { EXECUTIONS_PATH } from './executions-path.ts';
import { formatLocal } from './instant.ts';
import { ListWalk } from './list-walk.ts';
import { toExecution } from './read-execution.ts';

export interface ListFilter {
  /** Only executions of this workflow. */
  readonly workflowId?: string;
  /** Only executions created at or after this instant (epoch ms). One of the two is required. */
  readonly minCreationTimeMs?: number;
}

/**
 * How to list. The documented path is a copy of another page's, so `{uuid}` in it is replaced by a
 * random one; a GET sends the filter in the query, a POST in the body.
 */
export interface ListEndpoint {
  readonly method: 'GET' | 'POST';
  readonly path: string;
}

/** Tried in this order after the configured one. A POST to the create path must not be among them. */
const KNOWN_ENDPOINTS: readonly ListEndpoint[] = [
  { method: 'POST', path: `${EXECUTIONS_PATH}/list` },
  { method: 'GET', path: EXECUTIONS_PATH },
];

/** In real milliseconds, whatever the clock. */
const WALK_TIMEOUT_MS = 600_000;

export interface ExecutionListOptions {
  readonly caller: ApiCaller;
  readonly route: AccountRoute;
  readonly configured: ListEndpoint | undefined;
  readonly nowMs: () => number;
  readonly logger: Logger;
}

/** Lists executions by whichever endpoint answers, and remembers which one did. */
export class ExecutionList {
  readonly #options: ExecutionListOptions;
  readonly #endpoints: ListEndpoint[];
  #working: ListEndpoint | undefined;

  constructor(options: ExecutionListOptions) {
    this.#options = options;
    this.#endpoints = [...(options.configured ? [options.configured] : []), ...KNOWN_ENDPOINTS];
    for (const endpoint of this.#endpoints) refuseCreatePath(endpoint);
  }

  /** Every page; ListUnavailableError when no endpoint answers with a list. */
  async *list(filter: ListFilter, signal?: AbortSignal): AsyncGenerator<WorkflowExecution> {
    if (filter.workflowId === undefined && filter.minCreationTimeMs === undefined) {
      throw new ConfigurationError(
        'listExecutions needs a workflowId or a minCreationTimeMs; the API demands one of them',
      );
    }
    const walk = new ListWalk(this.#options.route.key);
    const timeout = AbortSignal.timeout(WALK_TIMEOUT_MS);
    const either = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
    do {
      const page = await this.#page(filter, walk.nextToken, either).catch((error: unknown) => {
        throw error === timeout.reason ? walk.tooLong(WALK_TIMEOUT_MS) : error;
      });
      yield* walk.fresh(page.executions).filter((execution) => matches(execution, filter));
      walk.turn(page);
    } while (walk.nextToken !== undefined);
  }

  /** Whether an endpoint answers with a list under one of its known keys. */
  async isThere(signal?: AbortSignal): Promise<boolean> {
    try {
      const page = await this.#page(
        { minCreationTimeMs: this.#options.nowMs() },
        undefined,
        signal,
      );
      return page.isNamed;
    } catch (error) {
      if (error instanceof ListUnavailableError) return false;
      throw error;
    }
  }

  async #page(
    filter: ListFilter,
    nextToken: string | undefined,
    signal?: AbortSignal,
  ): Promise<Page> {
    if (this.#working !== undefined) {
      const page = await this.#ask(this.#working, filter, nextToken, signal);
      if (page !== undefined) return page;
      throw this.#unavailable();
    }
    for (const endpoint of this.#endpoints) {
      const page = await this.#ask(endpoint, filter, nextToken, signal);
      if (page === undefined) continue;
      this.#working = endpoint;
      return page;
    }
    throw this.#unavailable();
  }

  /** Undefined when the endpoint is none: the next one may be. */
  async #ask(
    endpoint: ListEndpoint,
    filter: ListFilter,
    nextToken: string | undefined,
    signal?: AbortSignal,
  ): Promise<Page | undefined> {
    const { caller, route, logger } = this.#options;
    try {
      const request = listRequest(endpoint, filter, nextToken);
      const answer = await caller.call(route, {
        operation: 'list',
        repeatable: true,
        signal,
        ...request,
      });
      return readPage(answer);
    } catch (error) {
      const isKnown = this.#working !== undefined;
      if (!isNoSuchEndpoint(error, isKnown)) throw error;
      logger.debug({ endpoint, error: error.message }, 'list endpoint does not answer');
      return undefined;
    }
  }

  #unavailable(): ListUnavailableError {
    const tried = this.#endpoints.map(({ method, path }) => `${method} ${path}`).join(', ');
    return new ListUnavailableError(
      `No list of executions for ${this.#options.route.key}: tried ${tried}. Set listEndpoint if there is another`,
    );
  }
}

interface Page {
  readonly executions: readonly WorkflowExecution[];
  readonly nextToken: string | undefined;
  /** Entries that are no executions, and tokens that are none. */
  readonly unreadable: number;
  /** The list came under a key, not bare. */
  readonly isNamed: boolean;
}

function refuseCreatePath({ method, path }: ListEndpoint): void {
  const bare = path.split('?')[0]?.replace(/\/+$/, '').toLowerCase();
  if (method === 'GET' || bare !== EXECUTIONS_PATH) return;
  throw new ConfigurationError(
    `listEndpoint is POST ${path}, which creates an execution; use another path or GET`,
  );
}

function listRequest(endpoint: ListEndpoint, filter: ListFilter, nextToken: string | undefined) {
  const fields = {
    ...(filter.workflowId === undefined ? {} : { workflowId: filter.workflowId }),
    ...(filter.minCreationTimeMs === undefined
      ? {}
      : { minCreationTime: formatLocal(filter.minCreationTimeMs) }),
    ...(nextToken === undefined ? {} : { nextToken }),
  };
  const path = endpoint.path.replaceAll('{uuid}', () => randomUUID());
  if (endpoint.method === 'POST') return { method: 'POST', path, body: fields } as const;
  const query = new URLSearchParams(fields).toString();
  return { method: 'GET', path: `${path}${path.includes('?') ? '&' : '?'}${query}` } as const;
}

/** The list in an answer, under any of its keys or bare; undefined when there is none. */
function readPage({ json, ...answer }: ApiAnswer): Page | undefined {
  const fields = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>;
  const list = Array.isArray(json) ? json : (fields['executions'] ?? fields['workflowExecutions']);
  if (!Array.isArray(list)) return undefined;
  const read = list.map((entry) => toExecution(entry, answer));
  const executions = read.filter((execution) => execution !== null);
  const token = fields['nextToken'] ?? '';
  const isToken = typeof token === 'string' || typeof token === 'number';
  return {
    executions,
    nextToken: isToken && token !== '' ? String(token) : undefined,
    unreadable: read.length - executions.length + (isToken ? 0 : 1),
    isNamed: list !== json,
  };
}

/** An endpoint may ignore the filter; entries without a workflowId are left to the caller. */
function matches(execution: WorkflowExecution, filter: ListFilter): boolean {
  const { workflowId, createTimeMs } = execution;
  if (filter.workflowId !== undefined && workflowId !== null && workflowId !== filter.workflowId) {
    return false;
  }
  return (
    filter.minCreationTimeMs === undefined ||
    createTimeMs === null ||
    createTimeMs >= Math.floor(filter.minCreationTimeMs / 1000) * 1000
  );
}

/** Gateways refuse paths that they do not know as if access were missing: that shows elsewhere. */
function isNoSuchEndpoint(error: unknown, isKnown: boolean): error is Error {
  return (
    (error instanceof AccessDeniedError && !isKnown) ||
    error instanceof ExecutionNotFoundError ||
    error instanceof RequestRefusedError ||
    (error instanceof ServiceUnavailableError && error.status === 501)
  );
}
