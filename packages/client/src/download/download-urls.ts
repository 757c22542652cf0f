import { z } from 'zod';

import { ResponseMalformedError } from '../errors/response-malformed-error.ts';
import { executionPath } from '../executions/executions-path.ts';
import type { AccountRoute, ApiAnswer, ApiCaller } from '../http/api-caller.ts';

/** Signed URLs of a result, good for ten minutes. Secrets: never log their query. */
export interface DownloadUrls {
  /** One per part file, in order. */
  readonly urls: readonly string[];
  /** Of the file that describes the run; not part of the result. */
  readonly metadataUrls: readonly string[];
}

const urlSchema = z.union([z.string(), z.object({ url: z.string() }).transform(({ url }) => url)]);
const urlsSchema = z
  .union([z.array(urlSchema), urlSchema.transform((url) => [url])])
  .nullish()
  .transform((urls) => urls ?? []);

const answerSchema = z.object({
  downloadUrls: urlsSchema,
  downloadUrl: urlsSchema,
  urls: urlsSchema,
  metadataDownloadUrls: urlsSchema,
  nextToken: z.string().nullish(),
});

const MAX_PAGES = 100;

/** Asks for signed URLs; ExecutionNotFoundError (404) also means that they are not ready. */
export async function fetchDownloadUrls(
  caller: ApiCaller,
  route: AccountRoute,
  executionId: string,
  signal?: AbortSignal,
): Promise<DownloadUrls> {
  const urls: string[] = [];
  const metadataUrls: string[] = [];
  let nextToken: string | null | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const query = nextToken ? `?${new URLSearchParams({ nextToken }).toString()}` : '';
    const answer = await caller.call(route, {
      operation: 'download_urls',
      method: 'GET',
      path: `${executionPath(executionId)}/downloadUrls${query}`,
      repeatable: true,
      signal,
    });
    const parsed = parse(answer, executionId);
    urls.push(...parsed.downloadUrls, ...parsed.downloadUrl, ...parsed.urls);
    metadataUrls.push(...parsed.metadataDownloadUrls);
    nextToken = parsed.nextToken;
    if (!nextToken) break;
  }
  return { urls, metadataUrls };
}

function parse(answer: ApiAnswer, executionId: string): z.infer<typeof answerSchema> {
  const parsed = answerSchema.safeParse(answer.json);
  if (parsed.success) return parsed.data;
  throw new ResponseMalformedError(
    `The download URLs of execution ${executionId} have a shape that is not known. Report this with the request id`,
    { requestId: answer.requestId },
  );
}
