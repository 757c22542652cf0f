import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ApiError } from '../http/api-error.ts';
import { requestId } from '../http/tokens.ts';
import type { Simulation } from '../simulation.ts';
import type { ErrorShape, Fault, Operation } from './fault.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a route does, where faults can strike it. */
    readonly operation?: Operation;
  }
  interface FastifyRequest {
    fault: Fault | undefined;
  }
}

/** Lets the plan's faults strike: some before the work is done, some in place of its answer. */
export function registerFaultHooks(server: FastifyInstance, simulation: Simulation): void {
  server.decorateRequest('fault');
  server.addHook('preHandler', async (request, reply) => {
    const { operation } = request.routeOptions.config;
    if (operation === undefined) return undefined;
    const account = accountOf(request, simulation);
    request.fault = simulation.faults.strike(operation, account, simulation.clock.now());
    if (request.fault === undefined) return undefined;
    return strikeBefore(request.fault, { request, reply, simulation });
  });
  server.addHook('onSend', async (request, reply, payload) => {
    if (request.fault === undefined || reply.statusCode >= 400) return payload;
    return strikeAnswer(request.fault, { request, reply, simulation, payload });
  });
}

interface StrikeContext {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly simulation: Simulation;
}

/** Faults count per account, whether its request will be found good or not. */
function accountOf(request: FastifyRequest, simulation: Simulation): string | null {
  const { id } = (request.params ?? {}) as { id?: string };
  const execution = id === undefined ? undefined : simulation.executions.find(id);
  return execution?.account.key ?? simulation.accounts.find(request.headers)?.key ?? null;
}

async function strikeBefore(fault: Fault, context: StrikeContext) {
  const { reply, simulation } = context;
  switch (fault.kind) {
    case 'rate_limited':
      reply.headers(retryAfter(fault, simulation.clock.now()));
      return refuse(reply, { status: 429, details: 'Too many requests', shape: fault.shape });
    case 'server_error':
      return serverError(fault, reply);
    case 'no_access':
      throw new ApiError(fault.status, 'User is not authorized for the account');
    case 'foreign_page':
      return foreignPage(fault.status, reply);
    case 'unauthorized':
      return reply.code(401).send({ message: 'Unauthorized' });
    case 'url_refused':
      return refuseUrl(fault.status, reply);
    case 'redirected':
      return reply.redirect(fault.location ?? context.request.url, 307);
    case 'connection_reset':
      return breakConnection(context);
    case 'delayed':
      await pause(fault.delayMs, simulation);
      return undefined;
    default:
      return undefined;
  }
}

function refuseUrl(status: 400 | 403, reply: FastifyReply) {
  const code = status === 403 ? 'AccessDenied' : 'InvalidRequest';
  const body = `<Error><Code>${code}</Code><Message>The request was refused</Message></Error>`;
  return reply.code(status).type('application/xml').send(body);
}

function retryAfter(fault: Fault & { kind: 'rate_limited' }, nowMs: number) {
  const { retryAfterSeconds } = fault;
  if (fault.retryAfter === 'none') return {};
  if (fault.retryAfter === 'seconds') return { 'retry-after': String(retryAfterSeconds) };
  return { 'retry-after': new Date(nowMs + retryAfterSeconds * 1000).toUTCString() };
}

function serverError(fault: Fault & { kind: 'server_error' }, reply: FastifyReply) {
  const { status, shape } = fault;
  const details = status === 504 ? 'Endpoint request timed out' : 'Internal server error';
  return refuse(reply, { status, details, shape });
}

function refuse(
  reply: FastifyReply,
  { status, details, shape }: { status: number; details: string; shape: ErrorShape },
) {
  if (shape === 'html') {
    const page = `<html><body><h1>${status} ${details}</h1></body></html>`;
    return reply.code(status).type('text/html').send(page);
  }
  const body =
    shape === 'message'
      ? { message: details }
      : { code: String(status), details, requestId: requestId() };
  return reply.code(status).send(body);
}

/** Without the marks of Amazon's servers: a proxy or a portal has none. */
function foreignPage(status: number, reply: FastifyReply) {
  reply.hijack();
  const head = {
    'content-type': 'text/html',
    ...(status < 400 && status >= 300 && { location: '/login' }),
  };
  reply.raw.writeHead(status, head).end('<html><body>Please log in to the network</body></html>');
  return reply;
}

async function strikeAnswer(
  fault: Fault,
  context: StrikeContext & { readonly payload: unknown },
): Promise<unknown> {
  const { payload, simulation, reply } = context;
  if (fault.kind === 'answer_lost') return breakConnection(context);
  if (fault.kind === 'answer_delayed') await pause(fault.delayMs, simulation);
  if (fault.kind === 'malformed') return '{"workflowExecution": {"workflowExec';
  const bytes = Buffer.isBuffer(payload) ? payload : Buffer.from(String(payload));
  switch (fault.kind) {
    case 'shortened':
      return bytes.subarray(0, Math.floor(bytes.length * fault.share));
    case 'endless':
      return Readable.from(endlessly(bytes, simulation));
    case 'truncated':
      reply.header('content-length', bytes.length);
      return Readable.from(truncated(bytes, fault.share, context));
    case 'slow_bytes':
      reply.header('content-length', bytes.length);
      return Readable.from(slowly(bytes, fault, simulation));
    default:
      return payload;
  }
}

/** Ends early when the simulator closes, whose connections are gone by then. */
async function pause(ms: number, { clock, closing }: Simulation): Promise<void> {
  await clock.sleep(ms, closing).catch((error: unknown) => {
    if (!closing.aborted) throw error;
  });
}

async function* truncated(bytes: Buffer, share: number, context: StrikeContext) {
  const length = Math.min(Math.floor(bytes.length * share), Math.max(0, bytes.length - 1));
  yield bytes.subarray(0, length);
  await setImmediate();
  context.request.raw.socket.destroy();
}

/** The same bytes for as long as anybody reads them. */
async function* endlessly(bytes: Buffer, { closing }: Simulation) {
  while (!closing.aborted) {
    yield bytes;
    await setImmediate();
  }
}

async function* slowly(
  bytes: Buffer,
  fault: Fault & { kind: 'slow_bytes' },
  simulation: Simulation,
) {
  for (let from = 0; from < bytes.length; from += fault.chunkBytes) {
    yield bytes.subarray(from, from + fault.chunkBytes);
    await pause(fault.delayMs, simulation);
  }
}

function breakConnection({ request, reply }: StrikeContext) {
  reply.hijack();
  request.raw.socket.resetAndDestroy();
  return reply;
}
