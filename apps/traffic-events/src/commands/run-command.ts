import { accountKey } from '@traffic-events/client';
import { accountsOf, selectAccounts } from '@traffic-events/program/extraction';
import type { AccountArguments } from '@traffic-events/program/extraction';
import { readConfig } from '../config.ts';
import type { Config } from '../config.ts';
import { commandContext } from '../connections.ts';
import type { CommandContext } from '../connections.ts';
import { openLog } from '../log.ts';
import { createRunProgress } from '../progress/run-progress.ts';
import type { LogFormat } from '../log.ts';
import { exitCodeOfError, faultAtPlace, logError, stopOnSignals } from '@traffic-events/program';
import { writeText } from '../wrapped-text.ts';

export interface CommonArguments {
  readonly config: string;
  readonly logFormat: LogFormat;
  /** It runs for days: its log tells what it does, also where a person watches. */
  readonly isService?: boolean;
}

/**
 * Reads the configuration, runs `work` until it ends or Ctrl-C stops it, and answers the exit code:
 * the signal's where one came.
 */
export async function runCommand(
  args: CommonArguments,
  work: (context: CommandContext) => Promise<number>,
): Promise<number> {
  // A service takes SIGHUP for something else.
  using stopping = stopOnSignals(args.isService === true ? ['SIGINT', 'SIGTERM'] : undefined);
  const logger = openLog(args.logFormat, isWatched(args) ? 'warn' : 'info');
  try {
    const config = readConfig(args.config, process.env);
    const context = commandContext(config, logger, stopping.signal, process.env);
    const code = await work(context).catch((error: unknown) => {
      throw faultInConfig(error, config, args);
    });
    return stopping.exitCode ?? code;
  } catch (error) {
    if (stopping.exitCode !== null) return stopping.exitCode;
    if (args.logFormat === 'text') throw error;
    logError(logger, error);
    return exitCodeOfError(error);
  }
}

/** A fault of the configuration names its file, whoever finds it. */
export function faultInConfig(error: unknown, config: Config, args: CommonArguments): unknown {
  return faultAtPlace(error, (name) => (name in config ? args.config : undefined));
}

/** Runs `work` with a line per account where a person watches; elsewhere the log tells how it goes. */
export async function withProgress<Result>(
  args: CommonArguments & AccountArguments,
  context: CommandContext,
  work: (context: CommandContext) => Promise<Result>,
): Promise<Result> {
  if (!isWatched(args)) return work(context);
  using progress = createRunProgress({
    stream: process.stderr,
    clock: context.clock,
    accounts: selectAccounts(accountsOf(context.config), args).map(accountKey),
  });
  return await work({ ...context, events: progress.logger });
}

/** A person sees how it goes, a log file has plain lines. */
function isWatched({ logFormat, isService = false }: CommonArguments): boolean {
  return !isService && logFormat === 'text' && process.stderr.isTTY;
}

/** Prints what is for people; a machine reads the log. */
export function printText(args: CommonArguments, text: string): void {
  if (args.logFormat === 'text') writeText(text);
}
