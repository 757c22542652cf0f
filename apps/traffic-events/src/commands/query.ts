import { windowOf } from '@traffic-events/slice';
import { EXIT, orderedRange, parseEventDate } from '@traffic-events/program';
import { Command } from 'commander';
import { accountNamed } from '../accounts.ts';
import { runQuery } from '../query.ts';
import { configOption, logFormatOption } from './options.ts';
import { runCommand } from './run-command.ts';
import type { CommonArguments } from './run-command.ts';

interface QueryArguments extends CommonArguments {
  readonly account?: string;
  readonly from: string;
  readonly to?: string;
  readonly discriminator?: string;
}

const EXAMPLES = `
Examples:
  $ traffic-events query --account DE:dsp:1234 --from 2026-01-31 \\
      'SELECT campaign, SUM(impressions) AS impressions FROM dsp_impressions GROUP BY campaign'
  $ traffic-events query --from 2026-01-01 --to 2026-01-07 --discriminator filtered "$(cat report.sql)" > report.csv

The result goes to standard output as one CSV, whatever parts it comes in, its cells as the API
delivers them. Nothing is loaded into the warehouse.`;

export function queryCommand(exit: (code: number) => void): Command {
  return new Command('query')
    .description('run SQL in the clean room of one account and print the CSV')
    .argument('<sql>', 'a query that aggregates')
    .addOption(configOption())
    .option('--account <key>', 'such as DE:dsp:1234; needed where there are several')
    .requiredOption('--from <date>', 'first event date', parseEventDate)
    .option('--to <date>', 'last event date; --from unless given', parseEventDate)
    .option('--discriminator <column>', 'keep suppressed rows, flagged in this column')
    .addOption(logFormatOption())
    .addHelpText('after', EXAMPLES)
    .action(async (sql: string, args: QueryArguments) => exit(await runQueryCommand(sql, args)));
}

async function runQueryCommand(sqlQuery: string, args: QueryArguments): Promise<number> {
  return runCommand(args, async (context) => {
    const account = accountNamed(context.config, args.account);
    const zone = account.timeZone ?? 'UTC';
    const { from, to } = orderedRange({ from: args.from, to: args.to ?? args.from });
    const { startMs } = windowOf(from, zone);
    const { endMs } = windowOf(to, zone);
    const { discriminator } = args;
    await runQuery(
      context,
      { account, sqlQuery, window: { startMs, endMs }, discriminator },
      process.stdout,
    );
    return EXIT.done;
  });
}
