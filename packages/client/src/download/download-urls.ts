import { ResponseMalformedError } from '../errors/response-malformed-error.ts';
import { TrafficEventsError } from '../errors/traffic-events-error.ts';
import { executionPath } from '../executions/executions-path.ts';
import type { ApiCaller } from '../http/api-caller.ts';
import type { AccountRoute } from '../http/api-request.ts';
import { UrlCollection } from './url-collection.ts';
import type { DownloadUrls } from './url-collection.ts';
import { readUrlPage, UrlPageProblem } from './url-page.ts';
import type { UrlPage } from './url-page.ts';

export interface UrlsRequest {
  readonly caller: ApiCaller;
  readonly route: AccountRoute;
  readonly executionId: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks for signed URLs; ExecutionNotFoundError (404) also means that they are not ready. The token
 * of a page may be a placeholder, which is known by leading nowhere (`UrlCollection`).
 */
export async function fetchDownloadUrls(request: UrlsRequest): Promise<DownloadUrls> {
  const collection = new UrlCollection(request.executionId);
  const take = (page: UrlPage) => inWords(request, () => collection.take(page));
  let token = take(await fetchPage(request, null));
  while (token !== null) {
    const page = await fetchNextPage(request, token);
    if (typeof page === 'string') {
      collection.lacking(page);
      break;
    }
    token = take(page);
  }
  return collection.result();
}

/**
 * What a token leads to, or why that is not known: one that was none may be refused in any way, by an
 * API that has just answered for the same execution.
 */
async function fetchNextPage(request: UrlsRequest, token: string): Promise<UrlPage | string> {
  try {
    return await fetchPage(request, token);
  } catch (error) {
    const isOfPage = error instanceof TrafficEventsError && error.action !== 'fatal';
    if (!isOfPage || error.code === 'connection') throw error;
    const answer = error.status ?? 'what cannot be read';
    return `the API gives a nextToken and answers ${answer} to it, so that there may be more files`;
  }
}

async function fetchPage(request: UrlsRequest, token: string | null): Promise<UrlPage> {
  const query = token === null ? '' : `?${new URLSearchParams({ nextToken: token }).toString()}`;
  const answer = await request.caller.call(request.route, {
    operation: 'download_urls',
    method: 'GET',
    path: `${executionPath(request.executionId)}/downloadUrls${query}`,
    repeatable: true,
    signal: request.signal,
  });
  return inWords(request, () => readUrlPage(answer.json), answer.requestId);
}

/** What `read` answers; ResponseMalformedError where it finds a problem. */
function inWords<Value>(
  { executionId }: UrlsRequest,
  read: () => Value,
  requestId?: string,
): Value {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UrlPageProblem)) throw error;
    throw new ResponseMalformedError(
      `The download URLs of execution ${executionId} ${error.message}. Report this with the request id`,
      { requestId },
    );
  }
}
