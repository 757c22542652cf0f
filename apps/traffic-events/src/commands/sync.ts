import {
  acceptDefinitionOption,
  accountsOption,
  exitCodeOfRun,
  maxDurationOption,
  maxOutageOption,
  reextractOption,
  runLimits,
  shardOption,
} from '@traffic-events/program/extraction';
import type { AccountArguments, RunArguments } from '@traffic-events/program/extraction';
import { EXIT } from '@traffic-events/program';
import { outlookFields } from '@traffic-events/source';
import { Command } from 'commander';
import { Alerting } from '../alerts/alerting.ts';
import type { CommandContext } from '../connections.ts';
import { describeOutlook, lostAhead, outlook } from '../outlook.ts';
import { describeReport } from '../summary.ts';
import { sync } from '../sync.ts';
import { configOption, logFormatOption } from './options.ts';
import { printText, runCommand, withProgress } from './run-command.ts';
import type { CommonArguments } from './run-command.ts';
import { everyOption, listenOption, runBySchedule } from './sync-service.ts';
import type { ServiceArguments } from './sync-service.ts';

type SyncArguments = CommonArguments &
  RunArguments &
  AccountArguments &
  ServiceArguments & {
    readonly dryRun: boolean;
  };

const EXAMPLES = `
Examples:
  $ traffic-events sync
  $ traffic-events sync --config /etc/traffic-events.yaml --log-format json --max-duration 1.5h
  $ traffic-events sync --dry-run                           # what lies ahead, and what would be lost
  $ traffic-events sync --max-outage 6h
  $ traffic-events sync --accept-definition dsp_clicks --reextract
  $ traffic-events sync --accounts 'DE:*' --accounts UK:entity:ENTITY1
  $ traffic-events sync --shard 2/8                         # one of eight workers side by side
  $ traffic-events sync --every 6h                          # a service: runs again and again
  $ traffic-events sync --every '15 6 * * *' --listen 0.0.0.0:9464`;

export function syncCommand(exit: (code: number) => void): Command {
  return new Command('sync')
    .description('extract what is due and load it; safe to run and to kill at any time')
    .addOption(configOption())
    .option(
      '--dry-run',
      'create and load nothing: say how many executions lie ahead, how long they take, and which dates expire meanwhile; 6 where some will be lost',
      false,
    )
    .addOption(accountsOption())
    .addOption(shardOption())
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
  if (args.dryRun) return runCommand(args, (context) => dryRun(args, context));
  const alerting = new Alerting(args);
  return runBySchedule(args, async (context) => {
    const report = await alerting.watch(context, () =>
      withProgress(args, context, (watched) =>
        sync(watched, { ...runLimits(args), maxOutageMs: args.maxOutage, selection: args }),
      ),
    );
    printText(args, describeReport(report));
    return exitCodeOfRun(report.summary);
  });
}

async function dryRun(args: SyncArguments, context: CommandContext): Promise<number> {
  const outlooks = await outlook(context, {
    ...runLimits(args),
    maxOutageMs: args.maxOutage,
    selection: args,
  });
  if (args.logFormat === 'json') {
    for (const each of outlooks) context.events.info(outlookFields(each), 'run.planned');
  }
  printText(args, describeOutlook(outlooks));
  return lostAhead(outlooks).length === 0 ? EXIT.done : EXIT.dateAtRisk;
}
