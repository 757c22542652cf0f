import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Execution } from '../executions/execution.ts';
import { executionAnswer, flatExecution, withoutFields } from '../executions/execution-answer.ts';
import { listExecutions, listQueryOf } from '../executions/list-executions.ts';
import type { Simulation } from '../simulation.ts';
import { ApiError } from './api-error.ts';
import { authorize } from './authorize.ts';
import { downloadUrls } from './download-urls.ts';
import { operation } from './operation.ts';

const PREFIX = '/avc/workflowexecutions';

type WithId = FastifyRequest<{ Params: { id: string } }>;

/** Workflow executions: create, get, list, cancel and their download URLs. */
export function registerExecutionRoutes(server: FastifyInstance, simulation: Simulation): void {
  const answer = async (execution: Execution, omits: 'createOmits' | 'getOmits') => {
    const nowMs = simulation.clock.now();
    await simulation.executions.settle(execution, nowMs);
    return withoutFields(executionAnswer(execution, nowMs), execution.account.behaviour[omits]);
  };
  const find = (request: WithId) => {
    const account = authorize(request, simulation);
    const execution = simulation.executions.get(account, request.params.id);
    const refusal = execution.refusal();
    if (refusal !== undefined) throw new ApiError(refusal, 'Unauthorized');
    return execution;
  };

  server.post(PREFIX, operation('create'), async (request) => {
    const account = authorize(request, simulation);
    const created = simulation.executions.create(account, jsonBody(request), request.fault);
    return answer(await created, 'createOmits');
  });
  server.get(`${PREFIX}/:id`, operation('get'), async (request: WithId) =>
    answer(find(request), 'getOmits'),
  );
  server.get(`${PREFIX}/:id/downloadUrls`, operation('download_urls'), async (request: WithId) =>
    downloadUrls(find(request), { request, simulation }),
  );
  server.post(`${PREFIX}/:id`, operation('list'), async (request: WithId) =>
    list(request, simulation, 'post'),
  );
  server.get(PREFIX, operation('list'), async (request) => list(request, simulation, 'get'));
  server.put(`${PREFIX}/:id`, operation('cancel'), async (request: WithId) => {
    const execution = find(request);
    cancel(execution, jsonBody(request), simulation);
    return answer(execution, 'getOmits');
  });
}

function cancel(execution: Execution, body: unknown, simulation: Simulation): void {
  const wanted = (body as { status?: unknown } | null)?.status;
  if (wanted !== 'CANCELLED') throw new ApiError(400, 'status may only be set to CANCELLED');
  const nowMs = simulation.clock.now();
  const status = execution.statusAt(nowMs);
  if (status !== 'PENDING' && status !== 'RUNNING') {
    throw new ApiError(
      400,
      `Execution with ID ${execution.id} is ${status} and cannot be cancelled`,
    );
  }
  execution.cancel(nowMs);
}

async function list(request: FastifyRequest, simulation: Simulation, method: 'post' | 'get') {
  const account = authorize(request, simulation);
  const { listOperation, listKey, listOmits } = account.behaviour;
  if (listOperation !== 'both' && listOperation !== method) throw new ApiError(404, 'Not Found');
  const query = listQueryOf(method === 'post' ? jsonBody(request) : request.query);
  const nowMs = simulation.clock.now();
  const page = listExecutions(simulation.executions.of(account), query, {
    behaviour: account.behaviour,
    nowMs,
  });
  await Promise.all(page.executions.map((each) => simulation.executions.settle(each, nowMs)));
  const executions = page.executions.map((each) =>
    withoutFields(flatExecution(each, nowMs), listOmits),
  );
  return listKey === 'array' ? executions : { [listKey]: executions, nextToken: page.nextToken };
}

/** The body as JSON; throws ApiError 415 for another type, 400 for text that is not JSON. */
function jsonBody(request: FastifyRequest): unknown {
  const type = request.headers['content-type'] ?? '';
  if (!/json/i.test(type)) throw new ApiError(415, `Content-Type '${type}' is not supported`);
  try {
    return JSON.parse(String(request.body));
  } catch {
    throw new ApiError(400, 'The request body is not valid JSON');
  }
}
