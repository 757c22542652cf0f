import { randomUUID } from 'node:crypto';

import { ExecutionNotFoundError } from '../errors/execution-not-found-error.ts';
import { ResponseMalformedError } from '../errors/response-malformed-error.ts';
import { ServiceUnavailableError } from '../errors/service-unavailable-error.ts';
import type { ExecutionCalls } from './execution-calls.ts';
import type { ExecutionList } from './list-executions.ts';

/**
 * Resolves once the API itself has answered for an account, and nothing less: asked for an execution
 * that cannot exist, it says so in its own words, or it lists executions where its words are not
 * known. A bare 404 proves nothing, because any server answers that.
 */
export async function probe(
  calls: ExecutionCalls,
  list: ExecutionList,
  signal?: AbortSignal,
): Promise<void> {
  const refusal = await refusalOf(calls, signal);
  if (refusal.isCertain || (await list.isThere(signal))) return;
  throw new ServiceUnavailableError(
    `${refusal.message}. Nothing shows that this is the traffic events API: check its URL, and the proxy if there is one`,
    {
      status: refusal.status,
      requestId: refusal.requestId,
      mayHaveSucceeded: false,
      cause: refusal,
    },
  );
}

async function refusalOf(
  calls: ExecutionCalls,
  signal?: AbortSignal,
): Promise<ExecutionNotFoundError> {
  const unheardOf = randomUUID();
  try {
    await calls.get(unheardOf, signal);
  } catch (error) {
    if (error instanceof ExecutionNotFoundError) return error;
    throw error;
  }
  throw new ResponseMalformedError(
    `GET of execution ${unheardOf}, which does not exist, was answered with an execution: this is not the traffic events API; check its URL`,
    { unreachable: true },
  );
}
