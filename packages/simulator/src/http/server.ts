import { fastify } from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { registerControlRoutes } from '../control/control-routes.ts';
import { guardControl } from '../control/guard-control.ts';
import { registerStatusPage } from '../control/status-page.ts';
import type { Recording } from '../replay/recording.ts';
import { registerReplayHooks } from '../replay/replay-hooks.ts';
import { registerFaultHooks } from '../faults/fault-hooks.ts';
import type { Simulation } from '../simulation.ts';
import { ApiError } from './api-error.ts';
import { registerDownloadRoutes } from './download-routes.ts';
import { registerExecutionRoutes } from './execution-routes.ts';
import { registerTokenRoutes } from './token-routes.ts';
import { requestId } from './tokens.ts';

/** The HTTP server of a simulation; every answer carries the simulated time as its Date. */
export function createServer(simulation: Simulation, recording?: Recording): FastifyInstance {
  const server = fastify({
    routerOptions: { caseSensitive: false, ignoreTrailingSlash: true },
    forceCloseConnections: true,
    bodyLimit: 4 * 1024 * 1024,
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    done(null, body);
  });
  server.addHook('onSend', async (_request, reply) => {
    reply.header('date', new Date(simulation.clock.now()).toUTCString());
    for (const name of ['x-amzn-requestid', 'x-amz-rid']) {
      if (!reply.hasHeader(name)) reply.header(name, requestId());
    }
  });
  server.setErrorHandler((error, request, reply) =>
    answerError(error, { request, reply, simulation }),
  );
  server.setNotFoundHandler((_request, reply) => reply.code(404).send({ message: 'Not Found' }));
  simulation.meter.register(server);
  registerFaultHooks(server, simulation);
  if (recording !== undefined) registerReplayHooks(server, simulation, recording);
  registerTokenRoutes(server, simulation);
  registerExecutionRoutes(server, simulation);
  registerDownloadRoutes(server, simulation);
  server.register(async (scope) => {
    guardControl(scope, simulation.settings.host);
    registerStatusPage(scope, simulation);
    registerControlRoutes(scope, simulation);
  });
  return server;
}

function answerError(
  error: unknown,
  context: { request: FastifyRequest; reply: FastifyReply; simulation: Simulation },
) {
  const { request, reply, simulation } = context;
  const account = simulation.accounts.find(request.headers);
  const behaviour = account?.behaviour ?? simulation.switches.current;
  const known = error instanceof ApiError;
  const status = known ? error.status : 500;
  const details = error instanceof Error ? error.message : String(error);
  const body =
    behaviour.errorShape === 'message'
      ? { message: details }
      : { code: String(status), details, requestId: requestId() };
  return reply
    .code(status)
    .headers(known ? error.headers : {})
    .send(body);
}
