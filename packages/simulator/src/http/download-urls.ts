import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Execution } from '../executions/execution.ts';
import type { Behaviour } from '../settings/behaviour.ts';
import type { Simulation } from '../simulation.ts';
import { ApiError } from './api-error.ts';
import { copyPath, downloadPath, metadataPath } from './download-routes.ts';

interface Context {
  readonly request: FastifyRequest;
  readonly simulation: Simulation;
}

/** A page of the result's files: which of them, and how to go on. */
interface Page {
  readonly from: number;
  readonly to: number;
  readonly nextToken: string | null;
  /** It has the files of other executions instead. */
  readonly isForeign?: boolean;
}

/** Signed URLs of a result, as `behaviour` and the faults of the request want them listed. */
export async function downloadUrls(execution: Execution, { request, simulation }: Context) {
  const { behaviour } = execution.account;
  await checkAvailable(execution, simulation);
  const { files } = await simulation.executions.result(execution);
  const origin = `${request.protocol}://${request.host}`;
  const signed = (path: string) => {
    const url = `${origin}${simulation.signedUrls.sign(path, behaviour.urlTtlSeconds)}`;
    return behaviour.urlShape === 'object' ? { url } : url;
  };
  const page = pageOf(request, files.length, behaviour);
  const parts = files.map((_, part) => part).slice(page.from, page.to);
  const paths = parts.map((part) => downloadPath(execution, part));
  const foreign = page.isForeign ? await foreignPaths(execution, simulation) : [];
  const urls = listOf(request, [...paths, ...foreign].map(signed));
  const pathUnderSecondKey = behaviour.secondUrlKey === 'different' ? copyPath : downloadPath;
  return {
    [behaviour.urlKey]: behaviour.urlKey === 'downloadUrl' && urls.length === 1 ? urls[0] : urls,
    ...(behaviour.secondUrlKey !== 'none' && {
      [secondKey(behaviour)]: listOf(
        request,
        parts.map((part) => signed(pathUnderSecondKey(execution, part))),
      ),
    }),
    ...(behaviour.metadataUrls && { metadataDownloadUrls: [signed(metadataPath(execution))] }),
    nextToken: page.nextToken,
  };
}

/** Throws ApiError 404 unless the execution has a result that can still be had. */
async function checkAvailable(execution: Execution, simulation: Simulation): Promise<void> {
  const nowMs = simulation.clock.now();
  await simulation.executions.settle(execution, nowMs);
  const succeeded = execution.statusAt(nowMs) === 'SUCCEEDED' && !execution.request.dryRun;
  if (succeeded && nowMs < execution.expireTimeMs) return;
  throw new ApiError(
    404,
    `The download URL is not found. Execution with ID ${execution.id} is unavailable for download.`,
  );
}

function pageOf(request: FastifyRequest, files: number, { urlTokens }: Behaviour): Page {
  const { nextToken } = request.query as { nextToken?: string };
  const all = { from: 0, to: files };
  switch (urlTokens) {
    case 'pages': {
      const from = Number(nextToken ?? 0);
      return { from, to: from + 1, nextToken: from + 1 < files ? String(from + 1) : null };
    }
    case 'same':
      return { ...all, nextToken: 'placeholder' };
    case 'endless':
      return { ...all, nextToken: randomUUID() };
    case 'empty_pages':
      return { from: 0, to: nextToken === undefined ? files : 0, nextToken: randomUUID() };
    case 'foreign':
      return nextToken === undefined
        ? { ...all, nextToken: 'of another list' }
        : { from: 0, to: 0, nextToken: null, isForeign: true };
    case 'refused':
      if (nextToken !== undefined) throw new ApiError(400, 'nextToken is not valid');
      return { ...all, nextToken: 'of another list' };
    default:
      return { ...all, nextToken: null };
  }
}

/** The first parts of what else has SUCCEEDED for the account. */
async function foreignPaths(
  execution: Execution,
  { executions, clock }: Simulation,
): Promise<string[]> {
  const others = executions
    .of(execution.account)
    .filter((other) => other !== execution && other.statusAt(clock.now()) === 'SUCCEEDED');
  const paths = others.map(async (other) => {
    const { files } = await executions.result(other);
    return files.length === 0 ? [] : [downloadPath(other, 0)];
  });
  return (await Promise.all(paths)).flat();
}

function listOf({ fault }: FastifyRequest, urls: readonly unknown[]): readonly unknown[] {
  if (fault?.kind === 'no_urls') return [];
  if (fault?.kind !== 'wrong_urls') return urls;
  const { entries, count = entries.length } = fault;
  return Array.from({ length: count }, (_, index) => entries[index % entries.length]);
}

function secondKey({ urlKey }: Behaviour): string {
  return urlKey === 'urls' ? 'downloadUrls' : 'urls';
}
