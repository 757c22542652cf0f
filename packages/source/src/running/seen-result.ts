import { rm } from 'node:fs/promises';

import type { AccountClient, DownloadedResult, WorkflowExecution } from '@traffic-events/client';
import type { InFlightExecution, Window } from '@traffic-events/slice';

import { hasResult } from '../archive/archive.ts';
import type { ArchivedExecution } from '../archive/archive.ts';
import { downloadResult } from '../results/download-result.ts';
import { refuseOtherWindow } from '../results/refuse-other-window.ts';
import { makeSpool } from '../results/spool.ts';
import { datedAtEnd } from '../state/execution-date.ts';
import { toIso } from '../state/partition.ts';
import type { AccountProgress } from './account-progress.ts';
import type { RunContext } from './run-context.ts';

/** A result as it came, before anything reads it. */
export interface SeenResult {
  readonly inFlight: InFlightExecution;
  readonly seenFinishedMs: number;
  /** ISO 8601, UTC. */
  readonly extractedAt: string;
  readonly download: DownloadedResult;
  readonly hasDataGaps: boolean;
  /** Where its files are for as long as it is used. */
  readonly directory: string;
}

/** What an execution is of. */
type Subject = Pick<ArchivedExecution, 'stream' | 'fingerprint' | 'labels' | 'shape'>;

interface SeenOptions {
  readonly run: RunContext;
  readonly account: AccountClient;
  readonly progress: AccountProgress;
  readonly window: Window;
}

/** Downloads the result of an execution that succeeded, and keeps it in the archive before it is used. */
export async function withSeenResult(
  options: SeenOptions,
  subject: Subject,
  { created, execution }: { created: InFlightExecution; execution: WorkflowExecution },
  use: (seen: SeenResult) => Promise<void>,
): Promise<void> {
  const { run, account, progress, window } = options;
  refuseOtherWindow(execution, window);
  const inFlight = datedAtEnd(created, execution, window);
  const seenFinishedMs = execution.apiTimeMs ?? run.client.apiTimeMs();
  const hasDataGaps = execution.dataGaps.length > 0;
  const directory = await makeSpool(run.directory, 'result-');
  try {
    const to = { directory, signal: run.graceSignal };
    const download = await downloadResult(account, execution, to);
    const extractedAt = toIso(run.client.apiTimeMs());
    const seen = { inFlight, seenFinishedMs, extractedAt, download, hasDataGaps, directory };
    const archived = archivedExecution(progress, subject, seen);
    if (hasResult(archived)) await run.archive?.put(archived, download.files);
    await use(seen);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function archivedExecution(
  { accountId, marketplace }: AccountProgress,
  subject: Subject,
  { inFlight, seenFinishedMs, extractedAt, download, hasDataGaps }: SeenResult,
): ArchivedExecution {
  return {
    ...subject,
    account_id: accountId,
    marketplace,
    event_date: inFlight.event_date,
    execution_id: inFlight.execution_id,
    workflow_id: inFlight.workflow_id,
    create_time: inFlight.create_time,
    seen_finished: toIso(seenFinishedMs),
    extracted_at: extractedAt,
    has_data_gaps: hasDataGaps,
    doubts: download.doubts,
    may_lack: download.mayLack,
    stated_rows: download.statedRows,
    sha256: download.files.map(({ sha256 }) => sha256),
  };
}
