import type { Writable } from 'node:stream';

import { clockFromEnvironment, TrafficEventsClient } from '@traffic-events/client';
import {
  aboutJson,
  aboutText,
  MalformedInputError,
  MessageWriter,
  parseCatalog,
  selectStreams,
  unwrapState,
} from '@traffic-events/singer';
import { defaultStreams, exitCodeOf, parseStateValue, runSync } from '@traffic-events/source';
import type { StreamDefinition } from '@traffic-events/source';
import { CommanderError } from 'commander';

import packageJson from '../package.json' with { type: 'json' };
import { parseArguments } from './arguments.ts';
import type { TapArguments } from './arguments.ts';
import { discover } from './discover.ts';
import { EXIT, exitCodeOfError } from './exit-code.ts';
import { createLogger } from './log.ts';
import { readJsonFile } from './read-json-file.ts';
import { PROGRAM, readTapSettings, settingDefinitions } from './settings.ts';
import { SingerSink } from './singer-sink.ts';
import { stopOnSignals } from './stop-on-signals.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Runs the tap and answers its exit code. */
export async function runTap(
  argv: readonly string[],
  env: Environment,
  output: Writable,
): Promise<number> {
  try {
    const args = parseArguments(argv, packageJson.version);
    if (args.about) {
      output.write(about(args.format));
      return EXIT.done;
    }
    if (args.discover) {
      output.write(`${JSON.stringify(discover(defaultStreams), null, 2)}\n`);
      return EXIT.done;
    }
    return await sync(args, env, output);
  } catch (error) {
    if (error instanceof CommanderError)
      return error.exitCode === 0 ? EXIT.done : EXIT.configuration;
    createLogger().logger.error('run.failed', { reason: messageOf(error) });
    return exitCodeOfError(error);
  }
}

async function sync(args: TapArguments, env: Environment, output: Writable): Promise<number> {
  const settings = readTapSettings(await readConfigs(args.config), env);
  const streams = await selectedStreams(args.catalog);
  const givenState = await readState(args.state);
  const clock = clockFromEnvironment(env);
  const { logger, pino } = createLogger();
  const client = new TrafficEventsClient({
    clientId: settings.client_id,
    clientSecret: settings.client_secret,
    refreshToken: settings.refresh_token,
    ...(settings.api_url === undefined ? {} : { apiUrl: settings.api_url }),
    ...(settings.token_url === undefined ? {} : { tokenUrl: settings.token_url }),
    clock,
    logger: pino,
  });
  using stopping = stopOnSignals();
  try {
    const summary = await runSync({
      client,
      accounts: settings.accounts,
      streams,
      startDate: settings.startDate,
      state: givenState ?? { bookmarks: {} },
      sink: new SingerSink({ writer: new MessageWriter({ output }), givenState }),
      clock,
      logger,
      signal: stopping.signal,
    });
    return stopping.exitCode ?? exitCodeOf(summary);
  } finally {
    await client.close();
  }
}

async function readConfigs(paths: readonly string[]): Promise<Record<string, unknown>> {
  const merged: Record<string, unknown> = {};
  for (const path of paths) {
    const config = await readJsonFile(path, '--config');
    if (typeof config !== 'object' || config === null || Array.isArray(config)) {
      throw new MalformedInputError(`--config ${path} must hold one JSON object of settings.`);
    }
    Object.assign(merged, config);
  }
  return merged;
}

async function selectedStreams(path: string | undefined): Promise<readonly StreamDefinition[]> {
  if (path === undefined) return defaultStreams;
  const catalog = parseCatalog(await readJsonFile(path, '--catalog'), path);
  const selected = new Set(selectStreams(catalog).map(({ stream }) => stream));
  return defaultStreams.filter(({ name }) => selected.has(name));
}

async function readState(path: string | undefined) {
  if (path === undefined) return null;
  return parseStateValue(unwrapState(await readJsonFile(path, '--state'), path));
}

function about(format: TapArguments['format']): string {
  const program = {
    name: PROGRAM,
    description: packageJson.description,
    version: packageJson.version,
    capabilities: ['catalog', 'discover', 'state', 'about'],
    settings: settingDefinitions,
  };
  return format === 'json'
    ? `${JSON.stringify(aboutJson(program), null, 2)}\n`
    : aboutText(program);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
