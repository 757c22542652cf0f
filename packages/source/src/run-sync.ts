import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Account, Clock, TrafficEventsClient } from '@traffic-events/client';
import { LEDGER_KEY_PROPERTIES, LEDGER_SCHEMA, LEDGER_STREAM } from '@traffic-events/slice';
import type { EventDate, Sink, StateValue, StreamDescription } from '@traffic-events/slice';

import { AccountRun } from './account-run.ts';
import { withStreams } from './account-streams.ts';
import type { AccountWithStreams } from './account-streams.ts';
import { checkDefinitions } from './check-definitions.ts';
import { silentLogger } from './logger.ts';
import type { Logger } from './logger.ts';
import { toIso } from './partition.ts';
import type { RunContext } from './run-context.ts';
import type { RunSummary } from './run-summary.ts';
import { RunTally } from './run-tally.ts';
import { SerialSink } from './serial-sink.ts';
import { StateBook } from './state-book.ts';
import { describeStream } from './stream-schema.ts';
import type { StreamDefinition } from './stream.ts';

/** After a stop, what has finished may still be delivered for this long. */
const GRACE_MS = 8000;

const MAX_ACTIVE_EXECUTIONS = 5;

export interface RunSyncOptions {
  readonly client: TrafficEventsClient;
  readonly accounts: readonly Account[];
  /** Streams to extract; an account is asked for those of its kind. */
  readonly streams: readonly StreamDefinition[];
  /** First event date wanted. */
  readonly startDate: EventDate;
  /** As `parseStateValue` reads it; `{ bookmarks: {} }` for a first run. */
  readonly state: StateValue;
  readonly sink: Sink;
  readonly clock: Clock;
  readonly logger?: Logger;
  /** Stops the run: nothing more is created, what has finished is delivered within seconds. */
  readonly signal?: AbortSignal;
  /** Active executions per account that this run may hold, 1 to 5. */
  readonly slots?: number;
  /** Where raw results stand until they are delivered; the system's temporary folder by default. */
  readonly directory?: string;
}

/** Extracts what is due, of all accounts in parallel. Throws when the run as a whole cannot go on. */
export async function runSync(options: RunSyncOptions): Promise<RunSummary> {
  const accounts = options.accounts.map((account) => withStreams(account, options.streams));
  checkDefinitions(accounts, options.state);
  const directory = await mkdtemp(join(options.directory ?? tmpdir(), 'traffic-events-'));
  const stopping = new Stopping(options.signal);
  try {
    const run = contextOf(options, directory, stopping);
    const startedAt = toIso(run.startedMs);
    const mark = { id: run.runId, started_at: startedAt };
    await run.sink.open(
      mark,
      describeStreams(accounts),
      accounts.map(({ accountId }) => accountId),
    );
    await workAll(accounts.map((account) => new AccountRun({ run, ...account })));
    await run.sink.close();
    return finish(run, startedAt, options.signal?.aborted ?? false);
  } finally {
    stopping.end();
    await rm(directory, { recursive: true, force: true });
  }
}

/** The streams that any account is asked for, and the ledger. */
function describeStreams(accounts: readonly AccountWithStreams[]): StreamDescription[] {
  const asked = new Map<string, StreamDefinition>();
  for (const { streams } of accounts) {
    for (const [name, { definition }] of streams) asked.set(name, definition);
  }
  return [...[...asked.values()].map(describeStream), ledgerDescription];
}

/** The ledger as it is described to a sink. */
export const ledgerDescription: StreamDescription = {
  stream: LEDGER_STREAM,
  schema: LEDGER_SCHEMA,
  keyProperties: [...LEDGER_KEY_PROPERTIES],
};

function contextOf(options: RunSyncOptions, directory: string, stopping: Stopping): RunContext {
  return {
    client: options.client,
    clock: options.clock,
    sink: new SerialSink(options.sink),
    logger: options.logger ?? silentLogger,
    tally: new RunTally(),
    state: new StateBook(options.state),
    runId: randomUUID().slice(0, 8),
    startedMs: options.client.apiTimeMs(),
    startDate: options.startDate,
    directory,
    slots: options.slots ?? MAX_ACTIVE_EXECUTIONS,
    signal: stopping.signal,
    graceSignal: stopping.graceSignal,
    stop: (reason) => stopping.stop(reason),
  };
}

/** Waits for every account, also when one throws, and throws the first fault then. */
async function workAll(runs: readonly AccountRun[]): Promise<void> {
  const results = await Promise.allSettled(runs.map((run) => run.work()));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

function finish(run: RunContext, startedAt: string, interrupted: boolean): RunSummary {
  const endedAt = toIso(run.client.apiTimeMs());
  const summary = run.tally.summary({ runId: run.runId, startedAt, endedAt, interrupted });
  run.logger.info('run.done', {
    run_id: run.runId,
    created: summary.created,
    adopted: summary.adopted,
    loaded: summary.loaded,
    kept: summary.kept,
    failed: summary.failed.length,
    missed: summary.missed.length,
    partial: summary.partial.length,
    frozen: summary.frozen.length,
    at_risk: summary.atRisk.length,
    interrupted,
  });
  return summary;
}

/** Two signals: stop creating and polling at once, break off deliveries some seconds later. */
class Stopping {
  readonly #stop = new AbortController();
  readonly #grace = new AbortController();
  readonly #given: AbortSignal | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #onGiven = () => this.stop(this.#given?.reason);

  constructor(given: AbortSignal | undefined) {
    this.#given = given;
    if (given?.aborted === true) this.#onGiven();
    else given?.addEventListener('abort', this.#onGiven, { once: true });
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  get graceSignal(): AbortSignal {
    return this.#grace.signal;
  }

  stop(reason: unknown): void {
    if (this.signal.aborted) return;
    this.#stop.abort(reason);
    this.#timer = setTimeout(() => this.#grace.abort(reason), GRACE_MS);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#given?.removeEventListener('abort', this.#onGiven);
  }
}
