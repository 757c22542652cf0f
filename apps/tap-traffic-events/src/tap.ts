import type { Writable } from 'node:stream';

import { EXIT, exitCodeOfError, loadDotEnv, readConfigFiles } from '@traffic-events/program';
import { CommanderError } from 'commander';

import { about, version } from './about.ts';
import { parseArguments } from './arguments.ts';
import type { TapArguments } from './arguments.ts';
import { discover } from './discover.ts';
import { createLogger } from './log.ts';
import { readStreams, readTapSettings } from './settings.ts';
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
    if (error instanceof CommanderError) return exitCodeOfError(error);
    const reason = error instanceof Error ? error.message : String(error);
    createLogger().logger.error('run.failed', { reason });
    return exitCodeOfError(error);
  }
}

async function run(args: TapArguments, env: NodeJS.ProcessEnv, output: Writable): Promise<number> {
  if (args.about) {
    output.write(about(args.format));
    return EXIT.done;
  }
  const config = await readConfigFiles(args.config);
  if (args.discover) {
    output.write(`${JSON.stringify(discover(readStreams(config, env)), null, 2)}\n`);
    return EXIT.done;
  }
  const settings = readTapSettings(config, env);
  return args.test ? testConnection(settings, env) : sync(args, settings, env, output);
}
