import { exitCodeOf } from '@traffic-events/source';
import { Command } from 'commander';
import { describeSummary } from '../summary.ts';
import { sync } from '../sync.ts';
import { configOption, logFormatOption, parseDurationMs, parseEventDate } from './options.ts';
import { printText, runCommand, withProgress } from './run-command.ts';
import type { CommonArguments } from './run-command.ts';

interface BackfillArguments extends CommonArguments {
  readonly from: string;
  readonly to: string;
  readonly maxDuration?: number;
}

const EXAMPLES = `
Examples:
  $ traffic-events backfill --from 2026-01-01 --to 2026-01-20`;

export function backfillCommand(exit: (code: number) => void): Command {
  return new Command('backfill')
    .description('extract and load the event dates of a range, and no others')
    .addOption(configOption())
    .requiredOption('--from <date>', 'first event date', parseEventDate)
    .requiredOption('--to <date>', 'last event date', parseEventDate)
    .option(
      '--max-duration <time>',
      'create nothing more after this time, such as 2h',
      parseDurationMs,
    )
    .addOption(logFormatOption())
    .addHelpText('after', EXAMPLES)
    .action(async (args: BackfillArguments) => exit(await runBackfill(args)));
}

async function runBackfill(args: BackfillArguments): Promise<number> {
  const { from, to, maxDuration } = args;
  return runCommand(args, async (surroundings) => {
    const limits = {
      range: { from, to },
      ...(maxDuration === undefined ? {} : { maxDurationMs: maxDuration }),
    };
    const summary = await withProgress(args, surroundings, (watched) => sync(watched, limits));
    printText(args, describeSummary(summary));
    return exitCodeOf(summary);
  });
}
