import type {
  AccountClient,
  CreateOptions,
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
import { createRequest } from './create-request.ts';
import { inFlightOf } from '../state/execution-date.ts';
import { decideDelivery } from '../results/delivery.ts';
import type { DeliveryDecision } from '../results/delivery.ts';
import type { AccountStream } from '../streams/account-streams.ts';
import type { RunContext } from './run-context.ts';
import { withSeenResult } from './seen-result.ts';
import type { SeenResult } from './seen-result.ts';
import { withRowPlaces } from '../results/row-places.ts';
import { evidenceOf, factsRead } from '../results/result-evidence.ts';
import { sliceResult } from '../results/slice-result.ts';
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
    const { definition, fingerprint } = this.#options.stream;
    const subject = { stream: definition.name, fingerprint };
    await withSeenResult(this.#options, subject, { created, execution }, async (seen) => {
      await this.#deliver(seen, await readResult(definition, seen.download.files));
    });
  }

  async #deliver(seen: SeenResult, reading: Reading): Promise<void> {
    const { progress, proofs, stream, eventDate } = this.#options;
    const { definition } = stream;
    const { files } = seen.download;
    const decision = this.#decide(seen, reading);
    const verdict = this.#verdict(decision, reading);
    const result = sliceResult({
      stream: definition,
      context: progress.ledgerContext(definition.name, eventDate),
      workflowId: seen.inFlight.workflow_id,
      files,
      reading,
      decision: { ...decision, reason: decision.reason ?? verdictText(verdict) },
      extractedAt: seen.extractedAt,
    });
    await withRowPlaces(definition, files, () =>
      progress.delivered(definition.name, result, decision, (state) =>
        verdict === undefined ? state : withVerdict(state, verdict, seen.seenFinishedMs),
      ),
    );
    if (verdict !== undefined) await proofs.settle();
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

  #decide(
    { inFlight, seenFinishedMs, download, hasDataGaps }: SeenResult,
    reading: Reading,
  ): DeliveryDecision {
    const { progress, stream, eventDate, timing } = this.#options;
    const partition = progress.partition(stream.definition.name);
    if (partition === undefined) throw new Error(`${stream.definition.name} has not been planned`);
    return decideDelivery(partition, eventDate, timing, {
      executionId: inFlight.execution_id,
      createTimeMs: Date.parse(inFlight.create_time),
      seenFinishedMs,
      evidence: evidenceOf({ download, ...factsRead(reading), hasDataGaps }),
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
