import type { AccountClient, CreateOptions, WorkflowExecution } from '@traffic-events/client';
import { isFinal } from '@traffic-events/slice';
import type { BundleAnswer, EventDate, InFlightExecution, Window } from '@traffic-events/slice';

import { bundleHash, bundleOf } from '../bundles/compose-bundles.ts';
import type { BundleMember } from '../bundles/compose-bundles.ts';
import { evidenceOfAnswer, readAnswer } from '../bundles/read-answer.ts';
import type { Branch } from '../bundles/read-answer.ts';
import { decideDelivery } from '../results/delivery.ts';
import type { ResultEvidence } from '../results/result-evidence.ts';
import { withRowPlaces } from '../results/row-places.ts';
import type { Reading } from '../results/slice-file.ts';
import { rawHash, sliceResult } from '../results/slice-result.ts';
import { inFlightOf } from '../state/execution-date.ts';
import { BUNDLE_STREAM } from '../streams/bundle-stream.ts';
import { DAY_MS, HOUR_MS, sliceTiming } from '../streams/timing.ts';
import type { SliceTiming } from '../streams/timing.ts';
import { withAnswer } from '../state/bundle-record.ts';
import type { DeliveryDecision } from '../results/delivery.ts';
import type { AccountProgress } from './account-progress.ts';
import { createRequest } from './create-request.ts';
import type { RunContext } from './run-context.ts';
import { withSeenResult } from './seen-result.ts';
import type { SeenResult } from './seen-result.ts';

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
    const { run, members, shape } = this.#options;
    const fingerprint = bundleHash(members);
    const labels = members.map(({ label }) => label);
    const subject = { stream: BUNDLE_STREAM, fingerprint, labels, shape };
    await withSeenResult(this.#options, subject, { created, execution }, async (seen) => {
      const { download, directory } = seen;
      const isFresh = created.workflow_id.endsWith(`.${run.runId}`);
      const answer = await readAnswer(
        { members, mayHaveOthers: !isFresh, files: download.files, directory },
        rawHash(download.files.map(({ sha256 }) => sha256)),
      );
      const evidence = evidenceOfAnswer(answer, seen);
      for (const branch of answer.branches) {
        await this.#deliverBranch(branch, { ...seen, evidence }).catch((error: unknown) =>
          onFailed(branch.member, error),
        );
      }
    });
  }

  async #deliverBranch(
    { member, files, reading }: Branch,
    seen: SeenResult & { readonly evidence: ResultEvidence },
  ): Promise<void> {
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
    { seenFinishedMs }: SeenResult,
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
