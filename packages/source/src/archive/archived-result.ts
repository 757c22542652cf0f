import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';

import type { DownloadedFile, TrafficEventsError } from '@traffic-events/client';

import type { BundleMember } from '../bundles/compose-bundles.ts';
import { evidenceOfAnswer, readAnswer } from '../bundles/read-answer.ts';
import { isOfOneResult } from '../errors.ts';
import type { SourceError } from '../errors.ts';
import type { FinishedExecution } from '../results/delivery.ts';
import { evidenceOf, factsRead } from '../results/result-evidence.ts';
import type { ResultEvidence } from '../results/result-evidence.ts';
import { readResult } from '../results/slice-file.ts';
import type { Reading } from '../results/slice-file.ts';
import { rawHash } from '../results/slice-result.ts';
import { makeSpool } from '../results/spool.ts';
import type { StreamDefinition } from '../streams/stream.ts';
import type { Archive, ArchivedExecution } from './archive.ts';

/** An archived execution while its parts are unpacked. */
export interface Unpacked {
  readonly execution: ArchivedExecution;
  readonly files: readonly DownloadedFile[];
  readonly directory: string;
}

/** The result of a slice that has been read, and what is known of it. */
export interface ArchivedResult {
  readonly files: readonly DownloadedFile[];
  readonly reading: Reading;
  readonly evidence: ResultEvidence;
}

/** Unpacks an execution for as long as it is used. What is wrong with it alone is told to `onFailed`. */
export async function withUnpacked(
  archive: Archive,
  execution: ArchivedExecution,
  use: (unpacked: Unpacked) => Promise<void>,
  onFailed: (error: SourceError | TrafficEventsError) => void,
): Promise<void> {
  const directory = await makeSpool(tmpdir(), 'traffic-events-archived-');
  try {
    await use({ execution, files: await archive.get(execution, directory), directory });
  } catch (error) {
    if (!isOfOneResult(error)) throw error;
    onFailed(error);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Reads the result of a slice's own query. */
export async function ownResult(
  unpacked: Unpacked,
  definition: StreamDefinition,
): Promise<ArchivedResult> {
  const { files } = unpacked;
  const reading = await readResult(definition, files);
  const evidence = evidenceOf({ ...factsOf(unpacked), ...factsRead(reading) });
  return { files, reading, evidence };
}

/** Reads the results of some of a bundle's streams; BundleAnswerError where none can be trusted. */
export async function bundleResults(
  unpacked: Unpacked,
  members: readonly BundleMember[],
): Promise<(ArchivedResult & { readonly member: BundleMember })[]> {
  const { execution, files, directory } = unpacked;
  const split = { members, mayHaveOthers: true, files, directory };
  const answer = await readAnswer(split, rawHash(execution.sha256));
  const evidence = evidenceOfAnswer(answer, factsOf(unpacked));
  return answer.branches.map((branch) => ({ ...branch, evidence }));
}

/** What it was when the API had ended it. */
export function finishedExecution(
  execution: ArchivedExecution,
  { reading: { summary }, evidence }: Pick<ArchivedResult, 'reading' | 'evidence'>,
): FinishedExecution {
  return {
    executionId: execution.execution_id,
    createTimeMs: Date.parse(execution.create_time),
    seenFinishedMs: Date.parse(execution.seen_finished),
    evidence,
    rowCount: summary.rowCount,
    mainSum: summary.mainSum,
  };
}

/** What the archive keeps of a result beside its rows. */
function factsOf({ execution, files }: Unpacked) {
  const { doubts = [], may_lack: mayLack = [], stated_rows: statedRows = [] } = execution;
  return {
    download: { files, statedRows, doubts, mayLack },
    hasDataGaps: execution.has_data_gaps,
  };
}
