import { cleanText } from '@traffic-events/client';
import type { Account } from '@traffic-events/client';
import type {
  EventDate,
  InFlightExecution,
  InstantMs,
  PartitionState,
  SliceFailure,
  SliceKey,
  SliceResult,
} from '@traffic-events/slice';

import type { AcceptedChange } from './definitions.ts';
import type { DeliveryDecision } from './delivery.ts';
import { closingRow, failureRow } from './ledger-rows.ts';
import type { FailureFacts, LedgerContext } from './ledger-rows.ts';
import {
  toIso,
  withClosed,
  withCreated,
  withFailed,
  withForgotten,
  withReopened,
} from './partition.ts';
import type { Closing } from './plan-partition.ts';
import type { AccountStream } from './account-streams.ts';
import type { RunContext } from './run-context.ts';

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
 * set and handed to the sink in one step, so that the sink sees changes in the order they build on.
 */
export class AccountBook {
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

  /** Takes up a partition that a plan has made or moved; it goes out with the next change. */
  begin(stream: string, state: PartitionState): void {
    this.#run.state.set({ stream, accountId: this.accountId, state });
  }

  async created(stream: string, execution: InFlightExecution): Promise<void> {
    this.#run.tally.created += 1;
    this.#log('info', 'slice.created', stream, execution.event_date, {
      execution_id: execution.execution_id,
      workflow_id: execution.workflow_id,
    });
    await this.inFlight(stream, execution);
  }

  /** An execution whose result is to be delivered, whoever created it. */
  async inFlight(stream: string, execution: InFlightExecution): Promise<void> {
    await this.#setState(stream, withCreated(this.#known(stream), execution));
  }

  async forgotten(stream: string, execution: InFlightExecution, reason: string): Promise<void> {
    this.#log('warn', 'slice.forgotten', stream, execution.event_date, {
      execution_id: execution.execution_id,
      reason,
    });
    await this.#setState(stream, withForgotten(this.#known(stream), execution.execution_id));
  }

  async delivered(stream: string, result: SliceResult, decision: DeliveryDecision): Promise<void> {
    const eventDate = result.mark.event_date;
    const outcome = await this.#run.sink.slice(result, this.#change(stream, decision.partition));
    if (outcome.kind === 'kept_better' && outcome.suspect && !decision.copy.suspect) {
      const state = withReopened(this.#known(stream), eventDate, decision.copy);
      await this.#setState(stream, state);
    }
    const keptBecause = outcome.kind === 'kept_better' ? outcome.reason : null;
    const isKept = keptBecause !== null || decision.ledgerStatus === 'kept_better';
    const slice = this.#slice(stream, eventDate);
    this.#run.tally.delivered(slice);
    if (isKept) this.#run.tally.kept += 1;
    if (decision.status === 'partial') {
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
        complete: copy.complete,
        settled: copy.settled,
        suspect: copy.suspect,
        reason: keptBecause ?? decision.reason,
      },
    );
  }

  /** A failure; `keep` leaves the execution in flight, to be taken over later. */
  async failed(stream: string, eventDate: EventDate, failure: SliceFailureFacts): Promise<void> {
    const { executionId, nextTryMs, isRefused } = failure;
    const reason = cleanText(failure.reason);
    const slice = this.#slice(stream, eventDate);
    this.#run.tally.failed({ ...slice, reason, isRefused });
    this.#log('warn', 'slice.failed', stream, eventDate, {
      execution_id: executionId,
      reason,
      next_try: toIso(nextTryMs),
    });
    const dropped = failure.keep ? null : executionId;
    const state = withFailed(this.#known(stream), {
      eventDate,
      executionId: dropped,
      nextTryMs,
      kind: failure.waitsFor,
    });
    const row = failureRow(this.ledgerContext(stream, eventDate), { ...failure, reason });
    await this.#run.sink.ledger([row], [this.#change(stream, state)]);
  }

  async closed(stream: string, closings: readonly Closing[]): Promise<void> {
    if (closings.length === 0) return;
    const { definition } = this.#stream(stream);
    let state = this.#known(stream);
    const rows = closings.map((closing) => {
      state = withClosed(state, closing.eventDate, closing.status);
      this.#announce(stream, closing);
      return closingRow(this.ledgerContext(stream, closing.eventDate), definition, closing);
    });
    await this.#run.sink.ledger(rows, [this.#change(stream, state)]);
  }

  /** Tells of a changed definition that was accepted, and of the slices that it closes. */
  async accepted(stream: string, change: AcceptedChange): Promise<void> {
    const { definition } = this.#stream(stream);
    const rows = change.closings.map((closing) => {
      this.#announce(stream, closing);
      const context = this.ledgerContext(stream, closing.eventDate);
      return closingRow({ ...context, fingerprint: change.formerFingerprint }, definition, closing);
    });
    await this.#run.sink.ledger(rows, [this.#change(stream, change.partition)]);
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
    this.#run.tally.closed(this.#slice(stream, eventDate), status, reason);
    this.#log(status === 'missed' ? 'error' : 'warn', `slice.${status}`, stream, eventDate, {
      execution_id: held.execution_id,
      reason,
    });
  }

  async #setState(stream: string, state: PartitionState): Promise<void> {
    await this.#run.sink.state(this.#change(stream, state));
  }

  /** Every change is handed to the sink in the same step: what comes later builds on it. */
  #change(stream: string, state: PartitionState) {
    const change = { stream, accountId: this.accountId, state };
    this.#run.state.set(change);
    return change;
  }

  #known(stream: string): PartitionState {
    const state = this.partition(stream);
    if (state === undefined) throw new Error(`${stream} ${this.accountId} has not been planned`);
    return state;
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
    this.#run.logger[level](event, { ...slice, ...fields });
  }
}
