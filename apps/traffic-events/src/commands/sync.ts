import {
  acceptDefinitionOption,
  maxDurationOption,
  maxOutageOption,
  reextractOption,
  runLimits,
} from '@traffic-events/program/extraction';
import type { RunArguments } from '@traffic-events/program/extraction';
import { exitCodeOf } from '@traffic-events/source';
import { Command } from 'commander';
import { describeReport } from '../summary.ts';
import { sync } from '../sync.ts';
import { configOption, logFormatOption } from './options.ts';
import { printText, runCommand, withProgress } from './run-command.ts';
import type { CommonArguments } from './run-command.ts';

type SyncArguments = CommonArguments & RunArguments;

const EXAMPLES = `
Examples:
  $ traffic-events sync
  $ traffic-events sync --config /etc/traffic-events.yaml --log-format json --max-duration 1.5h
  $ traffic-events sync --max-outage 6h
  $ traffic-events sync --accept-definition dsp_clicks --reextract`;

export function syncCommand(exit: (code: number) => void): Command {
  return new Command('sync')
    .description('extract what is due and load it; safe to run and to kill at any time')
    .addOption(configOption())
    .addOption(maxDurationOption())
    .addOption(maxOutageOption())
    .addOption(acceptDefinitionOption())
    .addOption(reextractOption())
    .addOption(logFormatOption())
    .addHelpText('after', EXAMPLES)
    .action(async (args: SyncArguments) => exit(await runSyncCommand(args)));
}

async function runSyncCommand(args: SyncArguments): Promise<number> {
  return runCommand(args, async (surroundings) => {
    const report = await withProgress(args, surroundings, (watched) =>
      sync(watched, runLimits(args)),
    );
    printText(args, describeReport(report));
    return exitCodeOf(report.summary);
  });
}
