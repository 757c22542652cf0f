import type { Writable } from 'node:stream';

import {
  about,
  EXIT,
  exitCodeOfError,
  loadDotEnv,
  configSource,
  readConfigFiles,
  reportError,
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
    loadDotEnv();
    return await run(parseArguments(argv, version), env, output);
  } catch (error) {
    reportError(PROGRAM, error);
    return exitCodeOfError(error);
  }
}

async function run(args: TapArguments, env: NodeJS.ProcessEnv, output: Writable): Promise<number> {
  if (args.about) {
    output.write(about(description, args.format));
    return EXIT.done;
  }
  const config = await readConfigFiles(args.config);
  if (args.discover) {
    output.write(`${JSON.stringify(discover(readStreams(config, env)), null, 2)}\n`);
    return EXIT.done;
  }
  const settings = readTapSettings(config, env, configSource(args.config));
  return args.test ? testConnection(settings, env) : sync(args, settings, env, output);
}
