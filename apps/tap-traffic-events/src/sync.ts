import type { Writable } from 'node:stream';

import { clockFromEnvironment } from '@traffic-events/client';
import { createLog, logError, readJsonFile, stopOnSignals } from '@traffic-events/program';
import {
  checkedRange,
  exitCodeOfRun,
  openClient,
  refuseEmpty,
  refuseIdle,
  runExtraction,
  runLimits,
  runOptionsOf,
  readGivenState,
} from '@traffic-events/program/extraction';
import { MessageWriter, unwrapState } from '@traffic-events/singer';
import type { DateRange } from '@traffic-events/source';

import type { TapArguments } from './arguments.ts';
import { version } from './about.ts';
import { selected } from './discover.ts';
import type { Selection } from './discover.ts';
import { Metrics } from './metrics.ts';
import { PROGRAM } from './settings.ts';
import type { TapSettings } from './settings.ts';
import { SingerSink } from './singer-sink.ts';

/** Extracts what is due and emits it; answers the exit code. */
export async function sync(
  args: TapArguments,
  settings: TapSettings,
  env: NodeJS.ProcessEnv,
  output: Writable,
): Promise<number> {
  const { streams, leftOut } = await selectedStreams(args.catalog, settings);
  const clock = clockFromEnvironment(env);
  const { accounts, start_date: startDate } = settings;
  const nowMs = clock.now();
  const range = checkedRange(startDate, rangeOf(args, settings), { accounts, nowMs });
  const givenState = await readState(args.state, nowMs);
  const logger = createLog();
  const client = openClient(settings, settings, {
    program: PROGRAM,
    version,
    clock,
    logger,
    maxOutageMs: args.maxOutage,
  });
  const metrics = new Metrics({ output: process.stderr });
  const { batch_config: batchConfig } = settings;
  using stopping = stopOnSignals();
  const writer = new MessageWriter({ output, signal: stopping.lastSignal });
  const sink = new SingerSink({ writer, metrics, givenState, batchConfig, leftOut });
  let status: 'succeeded' | 'failed' = 'failed';
  try {
    const { summary } = await runExtraction({
      client,
      accounts,
      streams,
      state: givenState ?? [],
      sink,
      clock,
      logger,
      signal: stopping.signal,
      ...runOptionsOf(settings),
      ...runLimits(withAcceptance(args, settings)),
      ...range,
    });
    status = 'succeeded';
    return stopping.exitCode ?? exitCodeOfRun(summary);
  } catch (error) {
    if (stopping.exitCode === null) throw error;
    logError(logger, error);
    return stopping.exitCode;
  } finally {
    // What was delivered before a fault is told all the same; an output that is closed is the fault.
    await sink.close().catch(() => {});
    metrics.print(status);
    await client.close();
  }
}

function rangeOf({ from, to }: TapArguments, settings: TapSettings): DateRange | undefined {
  if (from === undefined && to === undefined) return undefined;
  return { from: from ?? settings.start_date, to: to ?? '9999-12-31' };
}

/** What the command line accepts, and the settings. */
function withAcceptance(args: TapArguments, settings: TapSettings): TapArguments {
  const { accept_definition: streams = [], reextract } = settings;
  return {
    ...args,
    acceptDefinition: [...(args.acceptDefinition ?? []), ...streams],
    reextract: args.reextract === true || reextract,
  };
}

async function selectedStreams(
  path: string | undefined,
  { accounts, streams, named }: TapSettings,
): Promise<Selection> {
  if (path === undefined) {
    const listed = streams.filter(({ isDefault }) => isDefault);
    refuseIdle(accounts, listed, named);
    return { streams: listed, leftOut: new Map() };
  }
  const chosen = selected(streams, await readJsonFile(path, '--catalog'), path);
  refuseEmpty(accounts, chosen.streams);
  return chosen;
}

async function readState(path: string | undefined, nowMs: number) {
  if (path === undefined) return null;
  return readGivenState(unwrapState(await readJsonFile(path, '--state'), path), nowMs);
}
