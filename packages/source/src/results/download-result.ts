import type { AccountClient, DownloadedResult, WorkflowExecution } from '@traffic-events/client';

const UNCLEAR_WINDOW =
  'what the API says of its window cannot be compared with the one that was asked for';

/** The result of an execution, with what the execution itself leaves in doubt. */
export async function downloadResult(
  account: AccountClient,
  { id, window }: WorkflowExecution,
  to: { readonly directory: string; readonly signal: AbortSignal },
): Promise<DownloadedResult> {
  const download = await account.download(id, to);
  const doubts = window === null || window.isClear ? [] : [UNCLEAR_WINDOW];
  return { ...download, doubts: [...doubts, ...download.doubts] };
}
