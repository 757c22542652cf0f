import type { FastifyInstance } from 'fastify';

/** Requests by method and route: how many, and what they took in real milliseconds in all. */
export type RequestMeasurements = Readonly<
  Record<string, { readonly count: number; readonly ms: number }>
>;

/** Counts and times every request. */
export class RequestMeter {
  readonly #measured = new Map<string, { count: number; ms: number }>();

  get measurements(): RequestMeasurements {
    return Object.fromEntries(
      [...this.#measured].map(([route, measured]) => [route, { ...measured }]),
    );
  }

  register(server: FastifyInstance): void {
    server.addHook('onResponse', async (request, reply) => {
      const route = `${request.method} ${request.routeOptions.url ?? 'unknown'}`;
      const measured = this.#measured.get(route) ?? { count: 0, ms: 0 };
      measured.count += 1;
      measured.ms += reply.elapsedTime;
      this.#measured.set(route, measured);
    });
  }
}
