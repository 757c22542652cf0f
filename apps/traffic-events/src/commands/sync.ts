import {
  acceptDefinitionOption,
  exitCodeOfRun,
  maxDurationOption,
  maxOutageOption,
  reextractOption,
  runLimits,
} from '@traffic-events/program/extraction';
import type { RunArguments } from '@traffic-events/program/extraction';
import { Command } from 'commander';
import { describeReport } from '../summary.ts';
import { sync } from '../sync.ts';
import { configOption, logFormatOption } from './options.ts';
import { printText, withProgress } from './run-command.ts';
import type { CommonArguments } from './run-command.ts';
import { everyOption, listenOption, runBySchedule } from './sync-service.ts';
import type { ServiceArguments } from './sync-service.ts';

type SyncArguments = CommonArguments & RunArguments & ServiceArguments;

const EXAMPLES = `
Examples:
  $ traffic-events sync
  $ traffic-events sync --config /etc/traffic-events.yaml --log-format json --max-duration 1.5h
  $ traffic-events sync --max-outage 6h
  $ traffic-events sync --accept-definition dsp_clicks --reextract
  $ traffic-events sync --every 6h                          # a service: runs again and again
  $ traffic-events sync --every '15 6 * * *' --listen 0.0.0.0:9464`;

export function syncCommand(exit: (code: number) => void): Command {
  return new Command('sync')
    .description('extract what is due and load it; safe to run and to kill at any time')
    .addOption(configOption())
    .addOption(everyOption())
    .addOption(listenOption())
    .addOption(maxDurationOption())
    .addOption(maxOutageOption())
    .addOption(acceptDefinitionOption())
    .addOption(reextractOption())
    .addOption(logFormatOption())
    .addHelpText('after', EXAMPLES)
    .action(async (args: SyncArguments) => exit(await runSyncCommand(args)));
}

async function runSyncCommand(args: SyncArguments): Promise<number> {
  return runBySchedule(args, async (context) => {
    const report = await withProgress(args, context, (watched) => sync(watched, runLimits(args)));
    printText(args, describeReport(report));
    return exitCodeOfRun(report.summary);
  });
}
