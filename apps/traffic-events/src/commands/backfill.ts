import { parseEventDate } from '@traffic-events/program';
import {
  accountsOption,
  exitCodeOfRun,
  maxDurationOption,
  maxOutageOption,
  runLimits,
  shardOption,
} from '@traffic-events/program/extraction';
import type { AccountArguments, RunArguments } from '@traffic-events/program/extraction';
import { Command } from 'commander';
import { Alerting } from '../alerts/alerting.ts';
import { describeReport } from '../summary.ts';
import { sync } from '../sync.ts';
import { configOption, logFormatOption } from './options.ts';
import { printText, runCommand, withProgress } from './run-command.ts';
import type { CommonArguments } from './run-command.ts';

interface BackfillArguments extends CommonArguments, RunArguments, AccountArguments {
  readonly from: string;
  readonly to: string;
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
    .addOption(accountsOption())
    .addOption(shardOption())
    .addOption(maxDurationOption())
    .addOption(maxOutageOption())
    .addOption(logFormatOption())
    .addHelpText('after', EXAMPLES)
    .action(async (args: BackfillArguments) => exit(await runBackfill(args)));
}

async function runBackfill(args: BackfillArguments): Promise<number> {
  return runCommand(args, async (context) => {
    const { from, to } = args;
    const report = await new Alerting(args).watch(context, () =>
      withProgress(args, context, (watched) =>
        sync(watched, {
          ...runLimits(args),
          maxOutageMs: args.maxOutage,
          range: { from, to },
          selection: args,
        }),
      ),
    );
    printText(args, describeReport(report));
    return exitCodeOfRun(report.summary);
  });
}
