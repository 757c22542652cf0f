import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';

import type { Account, Clock, TrafficEventsClient } from '@traffic-events/client';
import type { EventDate, PartitionChange, Sink } from '@traffic-events/slice';

import { AccountRun } from './account-run.ts';
import { accountsToRun } from './accounts-to-run.ts';
import type { Archive } from '../archive/archive.ts';
import type { AcceptOptions } from '../planning/definitions.ts';
import { describeStreams } from '../streams/describe-streams.ts';
import { silentLogger } from '@traffic-events/client';
import type { Logger } from '@traffic-events/client';
import { reportTimeMs } from './report-time.ts';
import { toIso } from '../state/partition.ts';
import type { DateRange } from '../planning/plan-partition.ts';
import type { RunContext } from './run-context.ts';
import type { RunSummary } from './run-summary.ts';
import { RunTally } from './run-tally.ts';
import { SerialSink } from './serial-sink.ts';
import { makeSpool } from '../results/spool.ts';
import { RunState } from '../state/run-state.ts';
import { Stopping } from './stopping.ts';
import type { StreamDefinition } from '../streams/stream.ts';

/** The API's own limit. */
export const MAX_ACTIVE_EXECUTIONS = 5;

export interface RunSyncOptions {
  readonly client: TrafficEventsClient;
  readonly accounts: readonly Account[];
  /** Streams to extract; an account is asked for those of its kind. */
  readonly streams: readonly StreamDefinition[];
  /** First event date wanted. */
  readonly startDate: EventDate;
  /** What earlier runs have left, as `parseSavedStates` reads it; none for a first run. */
  readonly state: readonly PartitionChange[];
  readonly sink: Sink;
  readonly clock: Clock;
  readonly logger?: Logger;
  /** Stops the run: nothing more is created, what has finished is delivered within seconds. */
  readonly signal?: AbortSignal;
  /** Active executions per account that this run may hold, 1 to 5. */
  readonly slots?: number;
  /** Asks only for these event dates; a `from` before `startDate` moves the start for this run. */
  readonly range?: DateRange;
  /**
   * Executions of an account that may be created on a UTC date, those of earlier runs included. A date
   * at risk that would begin to expire before the next one is asked for all the same.
   */
  readonly maxExecutionsPerDay?: number;
  /**
   * Ends the run after this time, in ms of the clock, and leaves what runs in flight; only slices that
   * begin to expire within 30 hours, or are at risk, are still worked on.
   */
  readonly maxDurationMs?: number;
  /**
   * Whether several slices of a date are asked for by one query, as far as the account has shown that
   * this gives what their own queries give; `off` unless set.
   */
  readonly bundle?: 'auto' | 'off';
  /** Told what the run did, and which dates are at risk, before it throws. */
  readonly onFailed?: (summary: RunSummary) => void;
  /** Changed definitions that are accepted. */
  readonly accept?: AcceptOptions;
  /** Keeps the raw result of every execution before anything reads it. */
  readonly archive?: Archive;
  /** Where raw results stand until they are delivered; the system's temporary folder by default. */
  readonly directory?: string;
}

/** Extracts what is due, of all accounts in parallel. Throws when the run as a whole cannot go on. */
export async function runSync(options: RunSyncOptions): Promise<RunSummary> {
  const { accounts, state } = accountsToRun(options);
  const directory = await makeSpool(options.directory ?? tmpdir(), 'traffic-events-');
  const stopping = new Stopping(options.signal);
  try {
    const run = contextOf({ ...options, state }, directory, stopping);
    const mark = { id: run.runId, started_at: toIso(run.startedMs) };
    const accountIds = accounts.map(({ accountId }) => accountId);
    const runs = accounts.map((account) => new AccountRun({ run, ...account }));
    try {
      for (const refused of await run.sink.open(mark, describeStreams(accounts), accountIds)) {
        run.refusedStreams.set(refused.stream, refused);
      }
      stopping.after(options.maxDurationMs, options.clock);
      await workAll(runs, stopping);
      await run.sink.close();
    } catch (error) {
      for (const each of runs) each.reportRisks();
      options.onFailed?.(summaryOf(run, stopping));
      throw error;
    }
    return finish(run, stopping);
  } finally {
    stopping.end();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Every account is waited for, also when one throws: nothing goes on behind the caller's back. */
async function workAll(runs: readonly AccountRun[], stopping: Stopping): Promise<void> {
  const working = runs.map((each) => each.work());
  await Promise.allSettled(working);
  stopping.throwFault();
  await Promise.all(working);
}

function contextOf(options: RunSyncOptions, directory: string, stopping: Stopping): RunContext {
  return {
    client: options.client,
    clock: options.clock,
    sink: new SerialSink(options.sink),
    logger: options.logger ?? silentLogger,
    tally: new RunTally(),
    refusedStreams: new Map(),
    state: new RunState(options.state),
    runId: randomUUID().slice(0, 8),
    startedMs: options.client.apiTimeMs(),
    startDate: options.startDate,
    range: options.range,
    maxExecutionsPerDay: options.maxExecutionsPerDay ?? Infinity,
    archive: options.archive,
    directory,
    bundle: options.bundle ?? 'off',
    slots: options.slots ?? MAX_ACTIVE_EXECUTIONS,
    signal: stopping.signal,
    timeUpSignal: stopping.timeUpSignal,
    graceSignal: stopping.graceSignal,
    stop: (reason) => stopping.fail(reason),
  };
}

function summaryOf(run: RunContext, { isInterrupted, timeUpSignal }: Stopping): RunSummary {
  return run.tally.summary({
    runId: run.runId,
    startedAt: toIso(run.startedMs),
    endedAt: toIso(reportTimeMs(run)),
    interrupted: isInterrupted,
    isTimeUp: timeUpSignal.aborted,
    refusedStreams: [...run.refusedStreams.values()],
  });
}

function finish(run: RunContext, stopping: Stopping): RunSummary {
  const summary = summaryOf(run, stopping);
  run.logger.info(
    {
      run_id: run.runId,
      created: summary.created,
      adopted: summary.adopted,
      loaded: summary.loaded,
      kept: summary.kept,
      failed: summary.failed.length,
      refused_streams: summary.refusedStreams.length,
      missed: summary.missed.length,
      partial: summary.partial.length,
      frozen: summary.frozen.length,
      at_risk: summary.atRisk.length,
      left: summary.leftForLater.reduce((sum, { slices }) => sum + slices, 0),
      in_flight: summary.inFlight.length,
      interrupted: summary.interrupted,
      out_of_time: summary.outOfTime,
    },
    'run.done',
  );
  return summary;
}
