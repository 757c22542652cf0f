import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { gzipSync } from 'node:zlib';
import type { Execution } from '../executions/execution.ts';
import { flatExecution } from '../executions/execution-answer.ts';
import type { ExecutionResult } from '../executions/executions.ts';
import type { Simulation } from '../simulation.ts';
import { operation } from './operation.ts';

const PREFIX = '/_download';
const METADATA_FILE = 'metadata.json';

export function downloadPath(execution: Execution, part: number): string {
  return `${PREFIX}/${execution.id}/part-${part}.csv`;
}

export function metadataPath(execution: Execution): string {
  return `${PREFIX}/${execution.id}/${METADATA_FILE}`;
}

/** The same part under another address. */
export function copyPath(execution: Execution, part: number): string {
  return `${PREFIX}/${execution.id}/copy-${part}.csv`;
}

type FileRequest = FastifyRequest<{
  Params: { id: string; file?: string };
  Querystring: Record<string, string | undefined>;
}>;

/** Result and metadata files behind signed URLs, answering as S3 does. */
export function registerDownloadRoutes(server: FastifyInstance, simulation: Simulation): void {
  const answer = async (request: FileRequest, reply: FastifyReply) => {
    const refusal = judge(request, simulation);
    if (refusal !== undefined) return sendXml(reply, refusal);
    const execution = simulation.executions.find(request.params.id);
    if (execution === undefined) return sendXml(reply, NO_SUCH_KEY);
    if (execution.account.behaviour.redirectDownloads && request.query['moved'] === undefined) {
      return reply.redirect(`${request.url}&moved=1`, 307);
    }
    return sendFile(request, reply, { execution, simulation });
  };
  server.get(`${PREFIX}/:id/:file`, operation('download'), answer);
  server.get(`${PREFIX}/:id/${METADATA_FILE}`, operation('metadata'), answer);
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
  const { gzip } = execution.account.behaviour;
  const result = await simulation.executions.result(execution);
  const { file } = request.params;
  if (file === undefined) return reply.send(metadataOf(execution, result, simulation));
  const part = Number(/^(?:part|copy)-(\d+)\.csv$/.exec(file)?.[1]);
  const bytes = result.files[part];
  if (bytes === undefined) return sendXml(reply, NO_SUCH_KEY);
  const packed = gzip === false ? bytes : gzipSync(bytes);
  return reply.type('text/csv').send(gzip === 'twice' ? gzipSync(packed) : packed);
}

function metadataOf(
  execution: Execution,
  { rowCount }: ExecutionResult,
  { clock }: Simulation,
): Record<string, unknown> {
  const { metadataRows } = execution.account.behaviour;
  const rows = { absent: {}, right: { rowCount }, wrong: { rowCount: rowCount + 1 } };
  return {
    ...flatExecution(execution, clock.now()),
    sqlQuery: execution.request.sqlQuery,
    ...rows[metadataRows],
  };
}

function sendXml(reply: FastifyReply, error: XmlError) {
  return reply
    .code(error.status)
    .type('application/xml')
    .send(
      `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${error.code}</Code><Message>${error.message}</Message></Error>`,
    );
}
