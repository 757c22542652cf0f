import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { AccountClient, DownloadedFile, WorkflowExecution } from '@traffic-events/client';
import type { EventDate, InFlightExecution, SliceResult, Window } from '@traffic-events/slice';

import type { AccountBook } from './account-book.ts';
import { createRequest } from './create-request.ts';
import { decideDelivery } from './delivery.ts';
import type { DeliveryDecision } from './delivery.ts';
import { ledgerRow } from './ledger-rows.ts';
import { toIso } from './partition.ts';
import type { AccountStream } from './account-streams.ts';
import type { RunContext } from './run-context.ts';
import { readRows } from './slice-file.ts';
import { summarise } from './summarise.ts';
import type { ResultSummary } from './summarise.ts';
import type { SliceTiming } from './timing.ts';

export interface SliceTaskOptions {
  readonly run: RunContext;
  readonly account: AccountClient;
  readonly book: AccountBook;
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

  async create(workflowId: string): Promise<CreatedExecution> {
    const { run, account, book, stream, window, eventDate } = this.#options;
    const { query, name } = stream.definition;
    const request = createRequest(query, workflowId, window);
    const execution = await account.createExecution(request, { signal: run.signal });
    const inFlight = inFlightOf(execution, eventDate, workflowId, run.client.apiTimeMs());
    await book.created(name, inFlight);
    return { inFlight, execution };
  }

  /** Resolves once the API says that the execution has ended. */
  async follow(execution: WorkflowExecution): Promise<WorkflowExecution> {
    const { run, account, stream } = this.#options;
    return account.runToCompletion(execution, {
      signal: run.signal,
      durationKey: stream.definition.name,
    });
  }

  /** Downloads, checks and hands over the result of an execution that succeeded. */
  async deliver(inFlight: InFlightExecution, execution: WorkflowExecution): Promise<void> {
    const { run, account, book, stream } = this.#options;
    const seenFinishedMs = execution.apiTimeMs ?? run.client.apiTimeMs();
    const directory = await mkdtemp(join(run.directory, 'result-'));
    try {
      const files = await account.download(inFlight.execution_id, {
        directory,
        signal: run.graceSignal,
      });
      const extractedAt = toIso(run.client.apiTimeMs());
      const summary = await summarise(stream.definition, readRows(stream.definition, files));
      const decision = this.#decide(inFlight, execution, seenFinishedMs, summary);
      const result = this.#result({ inFlight, files, summary, decision, extractedAt });
      await book.delivered(stream.definition.name, result, decision);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  #decide(
    inFlight: InFlightExecution,
    execution: WorkflowExecution,
    seenFinishedMs: number,
    { rowCount, mainSum }: ResultSummary,
  ): DeliveryDecision {
    const { book, stream, eventDate, timing } = this.#options;
    const partition = book.partition(stream.definition.name);
    if (partition === undefined) throw new Error(`${stream.definition.name} has not been planned`);
    return decideDelivery(partition, eventDate, timing, {
      executionId: inFlight.execution_id,
      createTimeMs: Date.parse(inFlight.create_time),
      seenFinishedMs,
      hasDataGaps: execution.dataGaps.length > 0,
      rowCount,
      mainSum,
    });
  }

  #result(parts: {
    readonly inFlight: InFlightExecution;
    readonly files: readonly DownloadedFile[];
    readonly summary: ResultSummary;
    readonly decision: DeliveryDecision;
    readonly extractedAt: string;
  }): SliceResult {
    const { book, stream, eventDate } = this.#options;
    const { inFlight, files, summary, decision, extractedAt } = parts;
    const { name, columns } = stream.definition;
    const { complete, settled, suspect } = decision.copy;
    const facts = {
      execution_id: inFlight.execution_id,
      row_count: summary.rowCount,
      complete,
      settled,
      suspect,
    };
    return {
      mark: { stream: name, account_id: book.accountId, event_date: eventDate, ...facts },
      ledger: ledgerRow(book.ledgerContext(name, eventDate), {
        ...facts,
        extraction_id: inFlight.execution_id,
        status: decision.ledgerStatus,
        workflow_id: inFlight.workflow_id,
        create_time: inFlight.create_time,
        sums: summary.sums,
        suppressed_share: summary.suppressedShare,
        raw_sha256: hashOf(files),
        reason: decision.reason,
      }),
      marketplace: book.marketplace,
      extractedAt,
      columns,
      mainSum: summary.mainSum,
      rows: () => readRows(stream.definition, files),
    };
  }
}

export function inFlightOf(
  execution: WorkflowExecution,
  eventDate: EventDate,
  workflowId: string,
  apiTimeMs: number,
): InFlightExecution {
  const { id, createTimeMs, expireTimeMs } = execution;
  return {
    event_date: eventDate,
    workflow_id: workflowId,
    execution_id: id,
    create_time: toIso(createTimeMs ?? execution.apiTimeMs ?? apiTimeMs),
    expire_time: expireTimeMs === null ? null : toIso(expireTimeMs),
  };
}

/** The hash of the single file; of the files' hashes, in order, where there are several. */
function hashOf(files: readonly DownloadedFile[]): string | null {
  const [first] = files;
  if (first === undefined) return null;
  if (files.length === 1) return first.sha256;
  const hash = createHash('sha256');
  for (const file of files) hash.update(file.sha256);
  return hash.digest('hex');
}
