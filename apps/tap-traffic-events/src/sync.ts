import type { Writable } from 'node:stream';

import { clockFromEnvironment } from '@traffic-events/client';
import { stopOnSignals } from '@traffic-events/program';
import { MessageWriter, unwrapState } from '@traffic-events/singer';
import { exitCodeOf, LocalArchive, parseStateValue, runSync } from '@traffic-events/source';
import type { RunSyncOptions, StreamDefinition } from '@traffic-events/source';

import type { TapArguments } from './arguments.ts';
import { clientOf } from './client.ts';
import { selected } from './discover.ts';
import type { Environment } from './environment.ts';
import { createLogger } from './log.ts';
import { Metrics } from './metrics.ts';
import { readJsonFile } from './read-json-file.ts';
import type { TapSettings } from './settings.ts';
import { SingerSink } from './singer-sink.ts';

/** Extracts what is due and emits it; answers the exit code. */
export async function sync(
  args: TapArguments,
  settings: TapSettings,
  env: Environment,
  output: Writable,
): Promise<number> {
  const streams = await selectedStreams(args.catalog, settings.streams);
  const givenState = await readState(args.state);
  const clock = clockFromEnvironment(env);
  const { logger, pino } = createLogger();
  const client = clientOf(settings, clock, pino);
  const metrics = new Metrics({ output: process.stderr });
  const writer = new MessageWriter({ output });
  const { batchConfig } = settings;
  using stopping = stopOnSignals();
  let status: 'succeeded' | 'failed' = 'failed';
  try {
    const summary = await runSync({
      client,
      accounts: settings.accounts,
      streams,
      startDate: settings.startDate,
      state: givenState ?? { bookmarks: {} },
      sink: new SingerSink({ writer, metrics, givenState, batchConfig }),
      clock,
      logger,
      signal: stopping.signal,
      slots: settings.max_active_executions,
      ...limits(args, settings),
    });
    status = 'succeeded';
    return stopping.exitCode ?? exitCodeOf(summary);
  } finally {
    metrics.print(status);
    await client.close();
  }
}

function limits(args: TapArguments, settings: TapSettings): Partial<RunSyncOptions> {
  const { from, to, maxDurationMs, acceptDefinition } = args;
  const { max_executions_per_day: perDay, archive } = settings;
  const acceptance = args.reextract ? 'reextract' : 'from_next_date';
  return {
    ...(from === undefined && to === undefined
      ? {}
      : { range: { from: from ?? settings.startDate, to: to ?? '9999-12-31' } }),
    ...(maxDurationMs === undefined ? {} : { maxDurationMs }),
    ...(perDay === undefined ? {} : { maxExecutionsPerDay: perDay }),
    ...(archive === undefined ? {} : { archive: new LocalArchive({ folder: archive }) }),
    ...(acceptDefinition.length === 0 ? {} : { accept: { streams: acceptDefinition, acceptance } }),
  };
}

async function selectedStreams(
  path: string | undefined,
  streams: readonly StreamDefinition[],
): Promise<readonly StreamDefinition[]> {
  if (path === undefined) return streams.filter(({ isDefault }) => isDefault);
  return selected(streams, await readJsonFile(path, '--catalog'), path);
}

async function readState(path: string | undefined) {
  if (path === undefined) return null;
  return parseStateValue(unwrapState(await readJsonFile(path, '--state'), path));
}
