import type { Writable } from 'node:stream';

import {
  about,
  configSource,
  createLog,
  EXIT,
  exitCodeOfError,
  faultAtPlace,
  loadDotEnv,
  logError,
  placesOf,
  readConfigFiles,
} from '@traffic-events/program';
import { description, version } from './about.ts';
import { parseArguments } from './arguments.ts';
import type { TapArguments } from './arguments.ts';
import { discover } from './discover.ts';
import { PROGRAM, readStreams, readTapSettings } from './settings.ts';
import { sync } from './sync.ts';
import { testConnection } from './test-connection.ts';

/** Runs the tap and answers its exit code. */
export async function runTap(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  output: Writable,
): Promise<number> {
  try {
    const args = parseArguments(argv, version);
    loadDotEnv(args.envFile);
    return await run(args, env, output);
  } catch (error) {
    logError(createLog(), error);
    return exitCodeOfError(error);
  }
}

async function run(args: TapArguments, env: NodeJS.ProcessEnv, output: Writable): Promise<number> {
  if (args.about) {
    output.write(about(description, args.format));
    return EXIT.done;
  }
  const given = await readConfigFiles(args.config);
  try {
    return await runWith(given.config, args, env, output);
  } catch (error) {
    throw faultAtPlace(error, placesOf(PROGRAM, given, env));
  }
}

async function runWith(
  config: Readonly<Record<string, unknown>>,
  args: TapArguments,
  env: NodeJS.ProcessEnv,
  output: Writable,
): Promise<number> {
  if (args.discover) {
    output.write(`${JSON.stringify(discover(readStreams(config, env)), null, 2)}\n`);
    return EXIT.done;
  }
  const settings = readTapSettings(config, env, configSource(args.config));
  return args.test ? testConnection(settings, env) : sync(args, settings, env, output);
}
