import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ApiError } from '../http/api-error.ts';
import { authorize } from '../http/authorize.ts';
import { operation } from '../http/operation.ts';
import type { Simulation } from '../simulation.ts';
import type { CapturedPair } from './captured-pair.ts';
import type { Recording, ReplayKey } from './recording.ts';

/** Recorded downloads are served under the host that they came from. */
const DOWNLOAD_PREFIX = '/_replay';

/** Headers of the recorded connection that would be wrong on this one. */
const CONNECTION_HEADERS = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'date',
  'keep-alive',
  'transfer-encoding',
]);

/** Answers the API's operations from a recording instead of from events. */
export function registerReplayHooks(
  server: FastifyInstance,
  simulation: Simulation,
  recording: Recording,
): void {
  server.get(`${DOWNLOAD_PREFIX}/*`, operation('download'), async (request, reply) => {
    const path = request.url.slice(DOWNLOAD_PREFIX.length).split('?')[0] ?? '';
    const key = { operation: 'download', account: undefined, method: 'GET', path } as const;
    return answer(recording, key, { request, reply });
  });
  server.addHook('preHandler', async (request, reply) => {
    const { operation: name } = request.routeOptions.config;
    if (name === undefined || name === 'token' || name === 'download') return undefined;
    const account = authorize(request, simulation).key;
    const path = (request.url.split('?')[0] ?? '').toLowerCase();
    return answer(
      recording,
      { operation: name, account, method: request.method, path },
      {
        request,
        reply,
      },
    );
  });
}

function answer(
  recording: Recording,
  key: ReplayKey,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
) {
  const pair = recording.next(key);
  if (pair === undefined) {
    throw new ApiError(501, `Nothing (more) was captured for ${key.method} ${key.path}`);
  }
  const { response } = pair;
  if (response === undefined) {
    reply.hijack();
    request.raw.socket.resetAndDestroy();
    return reply;
  }
  for (const [name, value] of Object.entries(response.headers)) {
    if (!CONNECTION_HEADERS.has(name.toLowerCase())) reply.header(name, value);
  }
  return reply.code(response.status).send(bodyOf(pair, response, request));
}

function bodyOf(
  pair: CapturedPair,
  response: NonNullable<CapturedPair['response']>,
  request: FastifyRequest,
): Buffer | string {
  if (response.bodyBase64 !== undefined) return response.bodyBase64;
  if (pair.operation === 'download' && response.status === 200) {
    throw new ApiError(501, 'The bytes of this download were too many to be captured');
  }
  const body = response.body ?? '';
  if (pair.operation !== 'download_urls') return body;
  const origin = `${request.protocol}://${request.host}${DOWNLOAD_PREFIX}/`;
  return body.replaceAll(/https?:\/\//g, origin);
}
