import { rm } from 'node:fs/promises';

import type {
  AccountClient,
  CreateOptions,
  DownloadedResult,
  WorkflowExecution,
} from '@traffic-events/client';
import { isFinal } from '@traffic-events/slice';
import type { BundleAnswer, EventDate, InFlightExecution, Window } from '@traffic-events/slice';

import { hasResult } from '../archive/archive.ts';
import type { ArchivedExecution } from '../archive/archive.ts';
import { bundleHash, bundleOf } from '../bundles/compose-bundles.ts';
import type { BundleMember } from '../bundles/compose-bundles.ts';
import { evidenceOfAnswer, readAnswer } from '../bundles/read-answer.ts';
import type { Branch } from '../bundles/read-answer.ts';
import { decideDelivery } from '../results/delivery.ts';
import { downloadResult } from '../results/download-result.ts';
import { refuseOtherWindow } from '../results/refuse-other-window.ts';
import type { ResultEvidence } from '../results/result-evidence.ts';
import { withRowPlaces } from '../results/row-places.ts';
import type { Reading } from '../results/slice-file.ts';
import { rawHash, sliceResult } from '../results/slice-result.ts';
import { makeSpool } from '../results/spool.ts';
import { datedAtEnd, inFlightOf } from '../state/execution-date.ts';
import { toIso } from '../state/partition.ts';
import { BUNDLE_STREAM } from '../streams/bundle-stream.ts';
import { DAY_MS, HOUR_MS, sliceTiming } from '../streams/timing.ts';
import type { SliceTiming } from '../streams/timing.ts';
import { withAnswer } from '../state/bundle-record.ts';
import type { DeliveryDecision } from '../results/delivery.ts';
import type { AccountProgress } from './account-progress.ts';
import { createRequest } from './create-request.ts';
import type { RunContext } from './run-context.ts';

/** A comparison begins at least so long before anything of its date expires. */
const COMPARED_BEFORE_MS = 72 * HOUR_MS;

export interface BundleTaskOptions {
  readonly run: RunContext;
  readonly account: AccountClient;
  readonly progress: AccountProgress;
  readonly members: readonly BundleMember[];
  /** Of all that may be asked for together with them. */
  readonly shape: string;
  readonly eventDate: EventDate;
  readonly window: Window;
}

/** What is known of an answer before it is split. */
interface SeenAnswer {
  readonly inFlight: InFlightExecution;
  readonly seenFinishedMs: number;
  /** ISO 8601, UTC. */
  readonly extractedAt: string;
  readonly evidence: ResultEvidence;
}

/** One execution of several slices of a date, step by step: create, follow, deliver. */
export class BundleTask {
  readonly #options: BundleTaskOptions;

  constructor(options: BundleTaskOptions) {
    this.#options = options;
  }

  async create(workflowId: string, wait: CreateOptions) {
    const { run, account, progress, members, window, eventDate } = this.#options;
    await run.sink.ready();
    wait.slotSignal?.throwIfAborted();
    const { sqlQuery } = bundleOf(members);
    const request = createRequest({ kind: 'sql', sqlQuery }, workflowId, window);
    const sentMs = run.client.apiTimeMs();
    const execution = await account.createExecution(request, wait);
    const { shape } = this.#options;
    const of = { eventDate, workflowId, window, sentMs };
    const inFlight = { ...inFlightOf(execution, of), bundle: shape };
    await progress.createdTogether(members.map(nameOf), inFlight);
    return { inFlight, execution };
  }

  follow(
    execution: WorkflowExecution,
    wait: { readonly signal: AbortSignal; readonly deadlineMs: number },
  ): Promise<WorkflowExecution> {
    const { account } = this.#options;
    return account.runToCompletion(execution, { ...wait, durationKey: BUNDLE_STREAM });
  }

  /**
   * Downloads, splits and hands over the answer, slice by slice. A slice that cannot be taken is told
   * to `onFailed`; the others go on. Throws BundleAnswerError for an answer that none can be taken of.
   */
  async deliver(
    created: InFlightExecution,
    execution: WorkflowExecution,
    onFailed: (member: BundleMember, error: unknown) => Promise<void>,
  ): Promise<void> {
    const { run, account, members, window } = this.#options;
    refuseOtherWindow(execution, window);
    const inFlight = datedAtEnd(created, execution, window);
    const seenFinishedMs = execution.apiTimeMs ?? run.client.apiTimeMs();
    const directory = await makeSpool(run.directory, 'bundle-');
    try {
      const download = await downloadResult(account, execution, {
        directory,
        signal: run.graceSignal,
      });
      const extractedAt = toIso(run.client.apiTimeMs());
      const archived = this.#archived(inFlight, {
        execution,
        seenFinishedMs,
        extractedAt,
        download,
      });
      if (hasResult(archived)) await run.archive?.put(archived, download.files);
      const isFresh = created.workflow_id.endsWith(`.${run.runId}`);
      const answer = await readAnswer(
        { members, mayHaveOthers: !isFresh, files: download.files, directory },
        rawHash(archived.sha256),
      );
      const hasDataGaps = execution.dataGaps.length > 0;
      const evidence = evidenceOfAnswer(answer, { download, hasDataGaps });
      const seen = { inFlight, seenFinishedMs, extractedAt, evidence };
      for (const branch of answer.branches) {
        await this.#deliverBranch(branch, seen).catch((error: unknown) =>
          onFailed(branch.member, error),
        );
      }
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  #archived(
    inFlight: InFlightExecution,
    seen: Pick<SeenAnswer, 'seenFinishedMs' | 'extractedAt'> & {
      readonly execution: WorkflowExecution;
      readonly download: DownloadedResult;
    },
  ): ArchivedExecution {
    const { progress, members, eventDate } = this.#options;
    const { execution, download } = seen;
    return {
      stream: BUNDLE_STREAM,
      account_id: progress.accountId,
      marketplace: progress.marketplace,
      event_date: eventDate,
      fingerprint: bundleHash(members),
      execution_id: inFlight.execution_id,
      workflow_id: inFlight.workflow_id,
      create_time: inFlight.create_time,
      seen_finished: toIso(seen.seenFinishedMs),
      extracted_at: seen.extractedAt,
      has_data_gaps: execution.dataGaps.length > 0,
      doubts: download.doubts,
      may_lack: download.mayLack,
      stated_rows: download.statedRows,
      labels: members.map(({ label }) => label),
      shape: this.#options.shape,
      sha256: download.files.map(({ sha256 }) => sha256),
    };
  }

  async #deliverBranch({ member, files, reading }: Branch, seen: SeenAnswer): Promise<void> {
    const { progress, eventDate, window } = this.#options;
    const { definition } = member.stream;
    const partition = progress.partition(definition.name);
    if (partition === undefined) throw new TypeError(`${definition.name} has not been planned`);
    const timing = sliceTiming(definition.timing, window);
    const decision = decideDelivery(partition, eventDate, timing, {
      executionId: seen.inFlight.execution_id,
      createTimeMs: Date.parse(seen.inFlight.create_time),
      seenFinishedMs: seen.seenFinishedMs,
      evidence: seen.evidence,
      rowCount: reading.summary.rowCount,
      mainSum: reading.summary.mainSum,
      bundle: this.#options.shape,
    });
    const result = sliceResult({
      stream: definition,
      context: progress.ledgerContext(definition.name, eventDate),
      workflowId: seen.inFlight.workflow_id,
      files,
      reading,
      decision,
      extractedAt: seen.extractedAt,
    });
    const answer = this.#answerFor(decision, reading, timing, seen);
    await withRowPlaces(definition, files, () =>
      progress.delivered(definition.name, result, decision, (state) =>
        answer === undefined
          ? state
          : withAnswer(state, this.#options.shape, answer, seen.seenFinishedMs),
      ),
    );
  }

  /** What the slice's own query can be compared with, where that can be asked for in time. */
  #answerFor(
    { copy }: DeliveryDecision,
    { summary }: Reading,
    { settlesMs, expiresMs }: SliceTiming,
    { seenFinishedMs }: SeenAnswer,
  ): BundleAnswer | undefined {
    const comparedMs = Math.max(seenFinishedMs, settlesMs + DAY_MS);
    const isInTime = comparedMs <= expiresMs - COMPARED_BEFORE_MS;
    if (!isFinal(copy) || !isInTime) return undefined;
    return {
      event_date: this.#options.eventDate,
      execution_id: copy.executionId,
      row_count: summary.rowCount,
      sums: summary.sums,
      suppressed_share: summary.suppressedShare,
    };
  }
}

function nameOf({ stream }: BundleMember): string {
  return stream.definition.name;
}
