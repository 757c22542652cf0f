import { EXIT } from '@traffic-events/program';
import { Command } from 'commander';
import { currenciesOf } from '../accounts.ts';
import { warehouseOf } from '../warehouse.ts';
import { configOption, logFormatOption } from './options.ts';
import { runCommand } from './run-command.ts';
import type { CommonArguments } from './run-command.ts';

interface ViewsArguments extends CommonArguments {
  readonly grants: boolean;
  readonly reader?: string;
  readonly loader?: string;
  readonly print: boolean;
}

const EXAMPLES = `
Examples:
  $ traffic-events views                       # make the views for BI, or bring them up to date
  $ traffic-events views --print               # the same, and show their SQL
  $ traffic-events views --grants | psql "$ADMIN_URL"    # PostgreSQL: roles, one reads, one loads
  $ traffic-events views --grants --reader group:bi@example.com \\
      --loader serviceAccount:load@my-project.iam.gserviceaccount.com |
      bq query --use_legacy_sql=false                    # BigQuery: the same for principals`;

export function viewsCommand(exit: (code: number) => void): Command {
  return new Command('views')
    .description('make the views for BI tools, or print the roles and grants that they need')
    .addOption(configOption())
    .option('--print', 'show the SQL of the views', false)
    .option('--grants', 'print the statements of roles and grants; change nothing', false)
    .option(
      '--reader <who>',
      'who reads: a role, traffic_events_reader unless given; in BigQuery a principal (user:, group:, serviceAccount:, domain:)',
    )
    .option(
      '--loader <who>',
      'who loads: a role, traffic_events_loader unless given; in BigQuery a principal',
    )
    .addOption(logFormatOption())
    .addHelpText('after', EXAMPLES)
    .action(async (args: ViewsArguments) => exit(await runViews(args)));
}

async function runViews(args: ViewsArguments): Promise<number> {
  return runCommand(args, async ({ config, clock }) => {
    const warehouse = await warehouseOf(config);
    if (args.grants) {
      printStatements(warehouse.grantStatements(args));
      return EXIT.done;
    }
    const statuses = await warehouse.readStatus();
    const held = statuses.map(({ accountId }) => accountId);
    const views = await warehouse.createViews({
      currencies: currenciesOf(config, held),
      reportingCurrency: config.reporting_currency,
      clock,
    });
    if (args.print) printStatements(views);
    else process.stdout.write(`${views.length} views are up to date.\n`);
    return EXIT.done;
  });
}

function printStatements(statements: readonly string[]): void {
  for (const statement of statements) process.stdout.write(`${statement};\n`);
}
