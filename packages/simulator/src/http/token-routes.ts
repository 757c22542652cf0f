import type { FastifyInstance } from 'fastify';
import type { Simulation } from '../simulation.ts';

/** Login with Amazon. */
export function registerTokenRoutes(server: FastifyInstance, simulation: Simulation): void {
  server.post('/auth/o2/token', async (request, reply) => {
    const form = new URLSearchParams(typeof request.body === 'string' ? request.body : '');
    const answer = simulation.tokens.issue(form, simulation.behaviour.tokenTtlSeconds);
    return reply.code(answer.status).send(answer.body);
  });
}
