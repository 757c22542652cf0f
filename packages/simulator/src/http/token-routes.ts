import type { FastifyInstance } from 'fastify';
import type { Simulation } from '../simulation.ts';
import { ApiError } from './api-error.ts';
import { operation } from './operation.ts';

/** Login with Amazon. */
export function registerTokenRoutes(server: FastifyInstance, simulation: Simulation): void {
  server.post('/auth/o2/token', operation('token'), async (request, reply) => {
    const form = new URLSearchParams(typeof request.body === 'string' ? request.body : '');
    const answer = simulation.tokens.issue(form);
    return reply.code(answer.status).send(answer.body);
  });

  /** The page on which a user consents, or does not, at once. */
  server.get('/ap/oa', async (request, reply) => {
    const query = request.query as Record<string, string | undefined>;
    const { client_id: clientId = '', redirect_uri: redirectUri, state } = query;
    if (redirectUri === undefined || !URL.canParse(redirectUri)) {
      throw new ApiError(400, 'redirect_uri must be a URL');
    }
    const code = simulation.tokens.consent(clientId, redirectUri);
    if (code === undefined) throw new ApiError(400, `client_id '${clientId}' is unknown`);
    const isGiven = simulation.switches.current.consent === 'given';
    const answer = isGiven ? { code, scope: query['scope'] ?? '' } : REFUSED;
    const target = new URL(redirectUri);
    for (const [name, value] of Object.entries(answer)) target.searchParams.set(name, value);
    if (state !== undefined) target.searchParams.set('state', state);
    return reply.redirect(target.href, 302);
  });
}

/** As OAuth has it (RFC 6749, 4.1.2.1). */
const REFUSED = { error: 'access_denied', error_description: 'Access not permitted.' };
