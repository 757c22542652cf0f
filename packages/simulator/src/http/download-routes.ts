import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { gzipSync } from 'node:zlib';
import type { Execution } from '../executions/execution.ts';
import { flatExecution } from '../executions/execution-answer.ts';
import type { Simulation } from '../simulation.ts';
import { operation } from './operation.ts';

const PREFIX = '/_download';

export function downloadPath(execution: Execution, part: number): string {
  return `${PREFIX}/${execution.id}/part-${part}.csv`;
}

export function metadataPath(execution: Execution): string {
  return `${PREFIX}/${execution.id}/metadata.json`;
}

type FileRequest = FastifyRequest<{
  Params: { id: string; file: string };
  Querystring: Record<string, string | undefined>;
}>;

/** Result files behind signed URLs, answering as S3 does. */
export function registerDownloadRoutes(server: FastifyInstance, simulation: Simulation): void {
  server.get(`${PREFIX}/:id/:file`, operation('download'), async (request: FileRequest, reply) => {
    const refusal = judge(request, simulation);
    if (refusal !== undefined) return sendXml(reply, refusal);
    const execution = simulation.executions.find(request.params.id);
    if (execution === undefined) return sendXml(reply, NO_SUCH_KEY);
    if (execution.account.behaviour.redirectDownloads && request.query['moved'] === undefined) {
      return reply.redirect(`${request.url}&moved=1`, 307);
    }
    return sendFile(request, reply, { execution, simulation });
  });
}

interface XmlError {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

const NO_SUCH_KEY = { status: 404, code: 'NoSuchKey', message: 'The key does not exist.' };

function judge(request: FileRequest, simulation: Simulation): XmlError | undefined {
  if (request.headers.authorization !== undefined) {
    const message = 'Only one auth mechanism allowed';
    return { status: 400, code: 'InvalidArgument', message };
  }
  const path = request.url.split('?')[0] ?? '';
  switch (simulation.signedUrls.judge(path, request.query)) {
    case 'expired':
      return { status: 403, code: 'AccessDenied', message: 'Request has expired' };
    case 'forged':
      return {
        status: 403,
        code: 'SignatureDoesNotMatch',
        message: 'The request signature we calculated does not match the signature you provided.',
      };
    default:
      return undefined;
  }
}

async function sendFile(
  request: FileRequest,
  reply: FastifyReply,
  target: { execution: Execution; simulation: Simulation },
) {
  const { execution, simulation } = target;
  if (request.params.file === 'metadata.json') {
    const metadata = flatExecution(execution, simulation.clock.now());
    return reply.send({ ...metadata, sqlQuery: execution.request.sqlQuery });
  }
  const part = Number(/^part-(\d+)\.csv$/.exec(request.params.file)?.[1]);
  const files = await simulation.executions.files(execution);
  const file = files[part];
  if (file === undefined) return sendXml(reply, NO_SUCH_KEY);
  const { gzip } = execution.account.behaviour;
  return reply.type('text/csv').send(gzip ? gzipSync(file) : file);
}

function sendXml(reply: FastifyReply, error: XmlError) {
  return reply
    .code(error.status)
    .type('application/xml')
    .send(
      `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${error.code}</Code><Message>${error.message}</Message></Error>`,
    );
}
