import type { FastifyRequest } from 'fastify';
import type { SimulatedAccount } from '../accounts/account.ts';
import type { Simulation } from '../simulation.ts';
import { ApiError } from './api-error.ts';

const CLIENT_HEADER = 'amazon-advertising-api-clientid';

/** The account that a request is for; throws ApiError when it may not be served. */
export function authorize(request: FastifyRequest, simulation: Simulation): SimulatedAccount {
  checkAccept(request.headers.accept);
  const verdict = simulation.tokens.judge(request.headers.authorization);
  if (verdict === 'invalid') throw new ApiError(401, 'Unauthorized');
  if (verdict === 'expired') {
    const account = simulation.accounts.find(request.headers);
    const { expiredTokenStatus } = account?.behaviour ?? simulation.switches.current;
    throw new ApiError(expiredTokenStatus, 'The access token has expired');
  }
  const clientId = request.headers[CLIENT_HEADER];
  if (clientId === undefined) {
    throw new ApiError(400, 'Missing required header: Amazon-Advertising-API-ClientId');
  }
  if (clientId !== simulation.settings.credentials.clientId) {
    throw new ApiError(401, 'The client id does not belong to the access token');
  }
  return simulation.accounts.fromHeaders(request.headers);
}

/** The API answers JSON and nothing else. */
function checkAccept(accept: string | undefined): void {
  if (accept === undefined || /json|\*\/\*|application\/\*/i.test(accept)) return;
  throw new ApiError(406, `Accept '${accept}' is not supported; accept application/json`);
}
