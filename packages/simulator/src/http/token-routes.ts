import type { FastifyInstance } from 'fastify';
import { operation } from './operation.ts';
import type { Simulation } from '../simulation.ts';

/** Login with Amazon. */
export function registerTokenRoutes(server: FastifyInstance, simulation: Simulation): void {
  server.post('/auth/o2/token', operation('token'), async (request, reply) => {
    const form = new URLSearchParams(typeof request.body === 'string' ? request.body : '');
    const answer = simulation.tokens.issue(form, simulation.switches.current.tokenTtlSeconds);
    return reply.code(answer.status).send(answer.body);
  });
}
