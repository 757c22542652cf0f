import { clockFromEnvironment } from '@traffic-events/client';
import { exitCodeOf } from '@traffic-events/source';
import type { RunSummary } from '@traffic-events/source';
import { Command, Option } from 'commander';
import { accountsOf } from '../accounts.ts';
import { readConfig } from '../config.ts';
import { EXIT_CODES_HELP } from '../exit-code.ts';
import { createLog } from '../log.ts';
import type { LogFormat } from '../log.ts';
import { stopOnSignals } from '../stop-on-signals.ts';
import { describeSummary } from '../summary.ts';
import { sync } from '../sync.ts';

interface SyncArguments {
  readonly config: string;
  readonly logFormat: LogFormat;
}

const EXAMPLES = `
Examples:
  $ traffic-events sync
  $ traffic-events sync --config /etc/traffic-events.yaml --log-format json
${EXIT_CODES_HELP}`;

export function syncCommand(exit: (code: number) => void): Command {
  return new Command('sync')
    .description(
      'extract what is due and load it into the warehouse; safe to run and to kill at any time',
    )
    .option('--config <file>', 'the configuration', 'traffic-events.yaml')
    .addOption(
      new Option('--log-format <format>', 'of standard error')
        .choices(['text', 'json'])
        .default('text'),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (args: SyncArguments) => exit(await runSyncCommand(args, process.env)));
}

async function runSyncCommand(
  args: SyncArguments,
  environment: NodeJS.ProcessEnv,
): Promise<number> {
  const config = readConfig(args.config, environment);
  using stopping = stopOnSignals();
  const summary = await sync({
    credentials: {
      clientId: config.credentials.client_id,
      clientSecret: config.credentials.client_secret,
      refreshToken: config.credentials.refresh_token,
    },
    apiUrl: config.api_url,
    tokenUrl: config.token_url,
    accounts: accountsOf(config, args.config),
    startDate: config.start_date,
    warehouseUrl: config.warehouse,
    schema: config.schema,
    clock: clockFromEnvironment(environment),
    log: createLog(args.logFormat),
    signal: stopping.signal,
  });
  report(summary, args.logFormat);
  return stopping.exitCode ?? exitCodeOf(summary);
}

function report(summary: RunSummary, format: LogFormat): void {
  if (format === 'text') process.stdout.write(`${describeSummary(summary)}\n`);
}
