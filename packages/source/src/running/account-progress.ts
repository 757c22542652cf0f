import { isDeepStrictEqual } from 'node:util';

import { cleanText } from '@traffic-events/client';
import type { Account } from '@traffic-events/client';
import { isFinal } from '@traffic-events/slice';
import type {
  EventDate,
  InFlightExecution,
  InstantMs,
  LedgerRow,
  PartitionState,
  SliceFailure,
  SliceKey,
  SliceOutcome,
  SliceResult,
} from '@traffic-events/slice';

import type { AcceptedChange } from '../planning/definitions.ts';
import type { DeliveryDecision } from '../results/delivery.ts';
import { ResultRefusedError } from '../errors.ts';
import { closingRow, failureRow } from '../results/ledger-rows.ts';
import type { FailureFacts, LedgerContext } from '../results/ledger-rows.ts';
import {
  heldCopy,
  toIso,
  withClosed,
  withCreated,
  withDelivered,
  tailEntry,
  withFailed,
  withForgotten,
  withKept,
} from '../state/partition.ts';
import type { KeptCopy } from '../state/partition.ts';
import type { Closing } from '../planning/plan-partition.ts';
import type { AccountStream } from '../streams/account-streams.ts';
import type { RunContext } from './run-context.ts';
import type { PartitionEdit, PendingChange } from '../state/run-state.ts';

const LEVELS = { settled: 'info', frozen: 'warn', partial: 'warn', missed: 'error' } as const;

type Edit = (state: PartitionState) => PartitionState;

/** A failure of a slice, and what comes of it. */
export interface SliceFailureFacts extends FailureFacts {
  readonly nextTryMs: InstantMs;
  readonly waitsFor: SliceFailure;
  /** The service refused the query itself. */
  readonly isRefused: boolean;
  /** Whether the execution stays in flight. */
  readonly keep: boolean;
}

/**
 * Keeps the state of one account and tells the sink, the log and the tally of each change. State is
 * changed and handed to the sink in one step, so that the sink sees changes in the order they build on.
 */
export class AccountProgress {
  readonly accountId: string;
  readonly marketplace: string;
  readonly #run: RunContext;
  readonly #streams: ReadonlyMap<string, AccountStream>;

  constructor(options: {
    run: RunContext;
    account: Account;
    accountId: string;
    streams: ReadonlyMap<string, AccountStream>;
  }) {
    this.accountId = options.accountId;
    this.marketplace = options.account.marketplace;
    this.#run = options.run;
    this.#streams = options.streams;
  }

  partition(stream: string): PartitionState | undefined {
    return this.#run.state.get(stream, this.accountId);
  }

  /** Makes or moves a partition as a plan wants it; that goes out with the next change. */
  begin(stream: string, edit: PartitionEdit): void {
    this.#run.state.change(stream, this.accountId, edit);
  }

  /** Hands over what has begun and went out with no change since. */
  async keepBegun(): Promise<void> {
    const { state, sink } = this.#run;
    const begun = [...this.#streams.keys()].filter(
      (stream) =>
        !isDeepStrictEqual(state.get(stream, this.accountId), state.safe(stream, this.accountId)),
    );
    if (begun.length === 0) return;
    const changes = begun.map((stream) => this.#change(stream, (partition) => partition));
    await sink.ledger([], changes);
    for (const change of changes) change.settle();
  }

  async created(stream: string, execution: InFlightExecution): Promise<void> {
    this.#run.tally.created += 1;
    this.#log('info', 'slice.created', stream, execution.event_date, {
      execution_id: execution.execution_id,
      workflow_id: execution.workflow_id,
    });
    await this.inFlight(stream, execution);
  }

  /** An execution of several slices of one date. */
  async createdTogether(streams: readonly string[], execution: InFlightExecution): Promise<void> {
    this.#run.tally.created += 1;
    for (const stream of streams) {
      this.#log('info', 'slice.created', stream, execution.event_date, {
        execution_id: execution.execution_id,
        workflow_id: execution.workflow_id,
      });
    }
    await this.inFlightTogether(streams, execution);
  }

  async inFlightTogether(streams: readonly string[], execution: InFlightExecution): Promise<void> {
    await this.changed(streams.map((stream) => [stream, (state) => withCreated(state, execution)]));
  }

  /** What is known of the streams beside their slices. */
  async changed(edits: readonly (readonly [stream: string, edit: Edit])[]): Promise<void> {
    if (edits.length === 0) return;
    const changes = edits.map(([stream, edit]) => this.#change(stream, edit));
    await this.#run.sink.ledger([], changes);
    for (const change of changes) change.settle();
  }

  /** An execution whose result is to be delivered, whoever created it. */
  async inFlight(stream: string, execution: InFlightExecution): Promise<void> {
    await this.#setState(stream, (state) => withCreated(state, execution));
  }

  async forgotten(stream: string, execution: InFlightExecution, reason: string): Promise<void> {
    this.#log('warn', 'slice.forgotten', stream, execution.event_date, {
      execution_id: execution.execution_id,
      reason,
    });
    await this.#setState(stream, (state) => withForgotten(state, execution.execution_id));
  }

  /** Throws `ResultRefusedError` for a result that the sink cannot take. */
  async delivered(
    stream: string,
    result: SliceResult,
    decision: DeliveryDecision,
    proven: Edit = (state) => state,
  ): Promise<void> {
    const eventDate = result.mark.event_date;
    const outcome = await this.#handOver(stream, result, decision, proven);
    if (outcome.kind === 'refused') throw new ResultRefusedError(outcome);
    if (outcome.kind === 'kept_better') {
      await this.#takeHeldCopy(stream, { eventDate, refused: decision.copy, ...outcome });
    }
    const keptBecause = outcome.kind === 'kept_better' ? outcome.reason : null;
    const isKept = keptBecause !== null || decision.ledgerStatus === 'kept_better';
    const slice = this.#slice(stream, eventDate);
    this.#run.tally.delivered(slice);
    if (isKept) this.#run.tally.kept += 1;
    if (decision.status === 'partial' && outcome.kind !== 'kept_better') {
      this.#run.tally.closed(slice, 'partial', decision.reason ?? 'part of it had expired');
    }
    const { copy } = decision;
    this.#log(
      copy.suspect ? 'warn' : 'info',
      isKept ? 'slice.kept' : 'slice.loaded',
      stream,
      eventDate,
      {
        execution_id: copy.executionId,
        row_count: copy.rowCount,
        suppressed_share: result.ledger.suppressed_share,
        complete: copy.complete,
        settled: copy.settled,
        suspect: copy.suspect,
        reason: keptBecause ?? decision.reason,
      },
    );
  }

  /**
   * The state goes by the copy that the sink holds. A slice closes on it where nothing speaks against
   * it; otherwise the next plan sees what can still be had.
   */
  async #takeHeldCopy(
    stream: string,
    kept: Omit<KeptCopy, 'status'> & { readonly suspect: boolean },
  ): Promise<void> {
    const { eventDate, held } = kept;
    const known = this.#run.state.get(stream, this.accountId);
    if (known !== undefined && heldCopy(known, eventDate)?.executionId === held.executionId) return;
    const isWell = isFinal(held) && !kept.suspect && held.bundle === undefined;
    const status = isWell ? 'settled' : 'open';
    await this.#setState(stream, (state) => withKept(state, { ...kept, status }));
  }

  /** A failure; `keep` leaves the execution in flight, to be taken over later. */
  async failed(stream: string, eventDate: EventDate, failure: SliceFailureFacts): Promise<void> {
    const { executionId, nextTryMs, isRefused } = failure;
    const reason = cleanText(failure.reason);
    const slice = this.#slice(stream, eventDate);
    const attempts = tailEntry(this.partition(stream), eventDate).attempts + 1;
    this.#run.tally.failed({ ...slice, reason, isRefused, attempts });
    this.#log('warn', 'slice.failed', stream, eventDate, {
      execution_id: executionId,
      reason,
      next_try: toIso(nextTryMs),
    });
    const dropped = failure.keep
      ? { executionId: null, createTime: null }
      : { executionId, createTime: failure.createTime };
    const row = failureRow(this.ledgerContext(stream, eventDate), { ...failure, reason });
    await this.#enter(stream, [row], (state) =>
      withFailed(state, { ...dropped, eventDate, nextTryMs, kind: failure.waitsFor }),
    );
  }

  async closed(stream: string, closings: readonly Closing[]): Promise<void> {
    if (closings.length === 0) return;
    const { definition } = this.#stream(stream);
    const held = await this.#heldWhole(stream, closings);
    const told = closings.filter(({ eventDate }) => !held.has(eventDate));
    const rows = told.map((closing) => {
      this.#announce(stream, closing);
      return closingRow(this.ledgerContext(stream, closing.eventDate), definition, closing);
    });
    await this.#enter(stream, rows, (state) =>
      closings.reduce((so, { eventDate, status }) => withClosed(so, eventDate, status), state),
    );
  }

  /** Dates that a state which was lost takes for missed: they close on what the warehouse holds. */
  async #heldWhole(stream: string, closings: readonly Closing[]): Promise<ReadonlySet<EventDate>> {
    const missed = closings.filter(({ status }) => status === 'missed');
    const slices = missed.map(({ eventDate }) => this.#slice(stream, eventDate));
    const held = await this.#run.sink.holdsWhole(slices);
    return new Set(held.map(({ eventDate }) => eventDate));
  }

  /** Tells of a changed definition that was accepted, and of the slices that it closes. */
  async accepted(stream: string, change: AcceptedChange): Promise<void> {
    const { definition } = this.#stream(stream);
    const rows = change.closings.map((closing) => {
      this.#announce(stream, closing);
      const context = this.ledgerContext(stream, closing.eventDate);
      return closingRow({ ...context, fingerprint: change.formerFingerprint }, definition, closing);
    });
    await this.#enter(stream, rows, () => change.partition);
  }

  ledgerContext(stream: string, eventDate: EventDate): LedgerContext {
    return {
      slice: this.#slice(stream, eventDate),
      marketplace: this.marketplace,
      fingerprint: this.#stream(stream).fingerprint,
      runId: this.#run.runId,
      recordedAt: toIso(this.#run.client.apiTimeMs()),
    };
  }

  #announce(stream: string, { eventDate, status, reason, held }: Closing): void {
    if (status !== 'settled') {
      this.#run.tally.closed(this.#slice(stream, eventDate), status, reason);
    }
    this.#log(LEVELS[status], `slice.${status}`, stream, eventDate, {
      execution_id: held.execution_id,
      reason,
    });
  }

  #handOver(
    stream: string,
    result: SliceResult,
    { copy, status, ledgerStatus }: DeliveryDecision,
    proven: Edit,
  ): Promise<SliceOutcome> {
    const eventDate = result.mark.event_date;
    const applied = ledgerStatus !== 'kept_better';
    const change = this.#change(stream, (state) =>
      proven(withDelivered(state, { eventDate, copy, applied, status })),
    );
    return this.#run.sink.slice(result, change, ({ kind }) => {
      if (kind === 'refused') change.withdraw();
      else change.settle();
    });
  }

  async #enter(stream: string, rows: readonly LedgerRow[], edit: Edit): Promise<void> {
    const change = this.#change(stream, edit);
    await this.#run.sink.ledger(rows, [change]);
    change.settle();
  }

  async #setState(stream: string, edit: Edit): Promise<void> {
    const change = this.#change(stream, edit);
    await this.#run.sink.state(change);
    change.settle();
  }

  /** Every change is handed to the sink in the same step: what comes later builds on it. */
  #change(stream: string, edit: Edit): PendingChange {
    return this.#run.state.change(stream, this.accountId, (state) =>
      edit(state ?? this.#unplanned(stream)),
    );
  }

  #unplanned(stream: string): never {
    throw new TypeError(`${stream} ${this.accountId} has not been planned`);
  }

  #stream(name: string): AccountStream {
    const stream = this.#streams.get(name);
    if (stream === undefined) throw new Error(`${name} is no stream of ${this.accountId}`);
    return stream;
  }

  #slice(stream: string, eventDate: EventDate): SliceKey {
    return { stream, accountId: this.accountId, eventDate };
  }

  #log(
    level: 'info' | 'warn' | 'error',
    event: string,
    stream: string,
    eventDate: EventDate,
    fields: Readonly<Record<string, unknown>>,
  ): void {
    const slice = { stream, account_id: this.accountId, event_date: eventDate };
    this.#run.logger[level]({ ...slice, ...fields }, event);
  }
}
