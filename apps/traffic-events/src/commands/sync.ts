import { exitCodeOf } from '@traffic-events/source';
import type { AcceptOptions } from '@traffic-events/source';
import { Command } from 'commander';
import { describeSummary } from '../summary.ts';
import { sync } from '../sync.ts';
import type { SyncLimits } from '../sync.ts';
import { collect, configOption, logFormatOption, parseDurationMs } from './options.ts';
import { printText, runCommand, withProgress } from './run-command.ts';
import type { CommonArguments } from './run-command.ts';

interface SyncArguments extends CommonArguments {
  readonly maxDuration?: number;
  readonly acceptDefinition?: readonly string[];
  readonly reextract: boolean;
}

const EXAMPLES = `
Examples:
  $ traffic-events sync
  $ traffic-events sync --config /etc/traffic-events.yaml --log-format json --max-duration 2h
  $ traffic-events sync --accept-definition dsp_clicks --reextract`;

export function syncCommand(exit: (code: number) => void): Command {
  return new Command('sync')
    .description('extract what is due and load it; safe to run and to kill at any time')
    .addOption(configOption())
    .option(
      '--max-duration <time>',
      'create nothing more after this time, such as 2h',
      parseDurationMs,
    )
    .option('--accept-definition <stream>', 'accept its changed definition; repeatable', collect)
    .option('--reextract', 'of what is accepted, extract again what the API still has', false)
    .addOption(logFormatOption())
    .addHelpText('after', EXAMPLES)
    .action(async (args: SyncArguments) => exit(await runSyncCommand(args)));
}

async function runSyncCommand(args: SyncArguments): Promise<number> {
  return runCommand(args, async (surroundings) => {
    const summary = await withProgress(args, surroundings, (watched) =>
      sync(watched, limitsOf(args)),
    );
    printText(args, describeSummary(summary));
    return exitCodeOf(summary);
  });
}

function limitsOf({ maxDuration, acceptDefinition, reextract }: SyncArguments): SyncLimits {
  const accept: AcceptOptions | undefined =
    acceptDefinition === undefined
      ? undefined
      : { streams: acceptDefinition, acceptance: reextract ? 'reextract' : 'from_next_date' };
  return {
    ...(accept === undefined ? {} : { accept }),
    ...(maxDuration === undefined ? {} : { maxDurationMs: maxDuration }),
  };
}
