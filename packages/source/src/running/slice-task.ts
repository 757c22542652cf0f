import { rm } from 'node:fs/promises';

import type {
  AccountClient,
  CreateOptions,
  DownloadedResult,
  RunToCompletionOptions,
  WorkflowExecution,
} from '@traffic-events/client';
import { isFinal } from '@traffic-events/slice';
import type { EventDate, InFlightExecution, Window } from '@traffic-events/slice';

import type { AccountProgress } from './account-progress.ts';
import type { BundleProofs } from './bundle-proofs.ts';
import { compareAlone } from '../bundles/prove-bundle.ts';
import { pendingAnswer, withVerdict } from '../state/bundle-record.ts';
import type { ProofVerdict } from '../state/bundle-record.ts';
import { hasResult } from '../archive/archive.ts';
import type { ArchivedExecution } from '../archive/archive.ts';
import { createRequest } from './create-request.ts';
import { datedAtEnd, inFlightOf } from '../state/execution-date.ts';
import { decideDelivery } from '../results/delivery.ts';
import type { DeliveryDecision } from '../results/delivery.ts';
import { toIso } from '../state/partition.ts';
import type { AccountStream } from '../streams/account-streams.ts';
import type { RunContext } from './run-context.ts';
import { withRowPlaces } from '../results/row-places.ts';
import { downloadResult } from '../results/download-result.ts';
import { refuseOtherWindow } from '../results/refuse-other-window.ts';
import { evidenceOf, factsRead } from '../results/result-evidence.ts';
import { sliceResult } from '../results/slice-result.ts';
import { makeSpool } from '../results/spool.ts';
import { readResult } from '../results/slice-file.ts';
import type { Reading } from '../results/slice-file.ts';
import type { SliceTiming } from '../streams/timing.ts';

export interface SliceTaskOptions {
  readonly run: RunContext;
  readonly account: AccountClient;
  readonly progress: AccountProgress;
  readonly proofs: BundleProofs;
  readonly stream: AccountStream;
  readonly eventDate: EventDate;
  readonly window: Window;
  readonly timing: SliceTiming;
}

export interface CreatedExecution {
  readonly inFlight: InFlightExecution;
  readonly execution: WorkflowExecution;
}

/** A result as it came, before anything reads it. */
interface SeenResult {
  readonly execution: WorkflowExecution;
  readonly seenFinishedMs: number;
  /** ISO 8601, UTC. */
  readonly extractedAt: string;
  readonly download: DownloadedResult;
}

/** One execution of a slice, step by step: create, follow, deliver. */
export class SliceTask {
  readonly #options: SliceTaskOptions;

  constructor(options: SliceTaskOptions) {
    this.#options = options;
  }

  async create(workflowId: string, wait: CreateOptions): Promise<CreatedExecution> {
    const { run, account, progress, stream, window, eventDate } = this.#options;
    const { query, name } = stream.definition;
    await run.sink.ready();
    wait.slotSignal?.throwIfAborted();
    const request = createRequest(query, workflowId, window);
    const sentMs = run.client.apiTimeMs();
    const execution = await account.createExecution(request, wait);
    const inFlight = inFlightOf(execution, { eventDate, workflowId, window, sentMs });
    await progress.created(name, inFlight);
    return { inFlight, execution };
  }

  /** Resolves once the API says that the execution has ended. */
  async follow(
    execution: WorkflowExecution,
    wait: Pick<RunToCompletionOptions, 'signal' | 'deadlineMs'>,
  ): Promise<WorkflowExecution> {
    const { account, stream } = this.#options;
    return account.runToCompletion(execution, { ...wait, durationKey: stream.definition.name });
  }

  /** Downloads, checks and hands over the result of an execution that succeeded. */
  async deliver(created: InFlightExecution, execution: WorkflowExecution): Promise<void> {
    const { run, account, progress, stream, eventDate, window } = this.#options;
    refuseOtherWindow(execution, window);
    const inFlight = datedAtEnd(created, execution, window);
    const seenFinishedMs = execution.apiTimeMs ?? run.client.apiTimeMs();
    const directory = await makeSpool(run.directory, 'result-');
    try {
      const download = await downloadResult(account, execution, {
        directory,
        signal: run.graceSignal,
      });
      const { files } = download;
      const extractedAt = toIso(run.client.apiTimeMs());
      const seen = { execution, seenFinishedMs, extractedAt, download };
      const archived = this.#archived(inFlight, seen);
      if (hasResult(archived)) await run.archive?.put(archived, files);
      const reading = await readResult(stream.definition, files);
      const decision = this.#decide(inFlight, seen, reading);
      const { definition } = stream;
      const verdict = this.#verdict(decision, reading);
      const result = sliceResult({
        stream: definition,
        context: progress.ledgerContext(definition.name, eventDate),
        workflowId: inFlight.workflow_id,
        files,
        reading,
        decision: { ...decision, reason: decision.reason ?? verdictText(verdict) },
        extractedAt,
      });
      await withRowPlaces(definition, files, () =>
        progress.delivered(definition.name, result, decision, (state) =>
          verdict === undefined ? state : withVerdict(state, verdict, seenFinishedMs),
        ),
      );
      if (verdict !== undefined) await this.#options.proofs.settle();
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  /** What this result says of that of a bundle; undefined where it says nothing. */
  #verdict({ copy }: DeliveryDecision, { summary }: Reading): ProofVerdict | undefined {
    const { progress, stream, eventDate } = this.#options;
    const partition = progress.partition(stream.definition.name);
    const record = partition?.bundle;
    if (partition === undefined || record === undefined) return undefined;
    const answer = pendingAnswer(partition);
    if (answer?.event_date === eventDate) {
      return isFinal(copy)
        ? compareAlone(stream.definition, answer, summary)
        : { proof: 'open', eventDate: null };
    }
    const hasRowsAgain = record.proof === 'empty' && isFinal(copy) && summary.rowCount > 0;
    return hasRowsAgain ? { proof: 'open', eventDate: null } : undefined;
  }

  #archived(
    inFlight: InFlightExecution,
    { execution, seenFinishedMs, extractedAt, download }: SeenResult,
  ): ArchivedExecution {
    const { progress, stream, eventDate } = this.#options;
    return {
      stream: stream.definition.name,
      account_id: progress.accountId,
      marketplace: progress.marketplace,
      event_date: eventDate,
      fingerprint: stream.fingerprint,
      execution_id: inFlight.execution_id,
      workflow_id: inFlight.workflow_id,
      create_time: inFlight.create_time,
      seen_finished: toIso(seenFinishedMs),
      extracted_at: extractedAt,
      has_data_gaps: execution.dataGaps.length > 0,
      doubts: download.doubts,
      may_lack: download.mayLack,
      stated_rows: download.statedRows,
      sha256: download.files.map(({ sha256 }) => sha256),
    };
  }

  #decide(
    inFlight: InFlightExecution,
    { execution, seenFinishedMs, download }: SeenResult,
    reading: Reading,
  ): DeliveryDecision {
    const { progress, stream, eventDate, timing } = this.#options;
    const partition = progress.partition(stream.definition.name);
    if (partition === undefined) throw new Error(`${stream.definition.name} has not been planned`);
    return decideDelivery(partition, eventDate, timing, {
      executionId: inFlight.execution_id,
      createTimeMs: Date.parse(inFlight.create_time),
      seenFinishedMs,
      evidence: evidenceOf({
        download,
        ...factsRead(reading),
        hasDataGaps: execution.dataGaps.length > 0,
      }),
      rowCount: reading.summary.rowCount,
      mainSum: reading.summary.mainSum,
    });
  }
}

/** For the ledger, where nothing else is to be said of the result. */
function verdictText(verdict: ProofVerdict | undefined): string | null {
  if (verdict?.proof === 'equal') return 'a bundle had said the same';
  return verdict?.reason ?? null;
}
