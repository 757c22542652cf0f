import { ConfigError, EXIT } from '@traffic-events/program';
import type { ExitCode } from '@traffic-events/program';
import { accountsOf, streamsOf } from '@traffic-events/program/extraction';
import { Option } from 'commander';
import { readConfig } from '../config.ts';
import type { Config } from '../config.ts';
import type { CommandContext } from '../connections.ts';
import { parseListenAddress } from '../service/health-server.ts';
import type { ListenAddress } from '../service/health-server.ts';
import { runService } from '../service/run-service.ts';
import { parseSchedule } from '../service/schedule.ts';
import type { Schedule } from '../service/schedule.ts';
import { faultInConfig, runCommand } from './run-command.ts';
import type { CommonArguments } from './run-command.ts';

/** What makes a service of a command. */
export interface ServiceArguments {
  readonly every?: Schedule;
  /** Null to answer nowhere. */
  readonly listen?: ListenAddress | null;
}

const DEFAULT_LISTEN = '127.0.0.1:9464';

export const everyOption = () =>
  new Option(
    '--every <when>',
    "run again and again as a service: after a time, such as 6h, or by a cron expression, such as '15 6 * * *'",
  )
    .argParser(parseSchedule)
    .conflicts(['acceptDefinition', 'reextract']);

export const listenOption = () =>
  new Option(
    '--listen <address>',
    `where a service answers /healthz, /readyz and /metrics, ${DEFAULT_LISTEN} unless given; none for nowhere`,
  ).argParser((text) => (text === 'none' ? null : parseListenAddress(text)));

/** What a stop has not ended by then ends with the process. */
const LAST_MS = 1000;

/** Runs once, or by a schedule until a signal comes; answers the exit code. */
export function runBySchedule(
  args: CommonArguments & ServiceArguments,
  run: (context: CommandContext) => Promise<ExitCode>,
): Promise<number> {
  const { every: schedule, listen = parseListenAddress(DEFAULT_LISTEN) } = args;
  if (schedule === undefined) return runOnce(args, run);
  return runCommand({ ...args, isService: true }, async (context) => {
    const read = () => usable(readConfig(args.config, process.env), args);
    usable(context.config, args);
    await runService({ schedule, listen, context, readConfig: read, run });
    setTimeout(() => process.exit(), LAST_MS).unref();
    return EXIT.done;
  });
}

function runOnce(
  args: CommonArguments & ServiceArguments,
  run: (context: CommandContext) => Promise<ExitCode>,
): Promise<number> {
  if (args.listen === undefined) return runCommand(args, run);
  throw new ConfigError('--listen: only a service answers anywhere. Add --every, or leave it out.');
}

/** What would end every run is told at once. */
function usable(config: Config, args: CommonArguments): Config {
  try {
    accountsOf(config);
    streamsOf(config);
    return config;
  } catch (error) {
    throw faultInConfig(error, config, args);
  }
}
