import { createViews, grantStatements } from '@traffic-events/warehouse/postgres';
import { Command } from 'commander';
import { currenciesOf } from '../accounts.ts';
import { ConfigError } from '../config-error.ts';
import { EXIT, EXIT_CODES_HELP } from '../exit-code.ts';
import { configOption, logFormatOption } from './options.ts';
import { runCommand } from './run-command.ts';
import type { CommonArguments } from './run-command.ts';

interface ViewsArguments extends CommonArguments {
  readonly grants: boolean;
  readonly reader: string;
  readonly loader: string;
  readonly print: boolean;
}

const EXAMPLES = `
Examples:
  $ traffic-events views                       # make the views for BI, or bring them up to date
  $ traffic-events views --print               # the same, and show their SQL
  $ traffic-events views --grants | psql "$ADMIN_URL"    # roles: one that reads, one that loads
${EXIT_CODES_HELP}`;

export function viewsCommand(exit: (code: number) => void): Command {
  return new Command('views')
    .description('make the views for BI tools, or print the roles and grants that they need')
    .addOption(configOption())
    .option('--print', 'show the SQL of the views', false)
    .option('--grants', 'print the statements of roles and grants; change nothing', false)
    .option('--reader <role>', 'role that reads', 'traffic_events_reader')
    .option('--loader <role>', 'role that loads', 'traffic_events_loader')
    .addOption(logFormatOption())
    .addHelpText('after', EXAMPLES)
    .action(async (args: ViewsArguments) => exit(await runViews(args)));
}

async function runViews(args: ViewsArguments): Promise<number> {
  return runCommand(args, async ({ config }) => {
    const { warehouse, schema } = config;
    if (!warehouse.startsWith('postgres')) {
      throw new ConfigError(
        `${args.config}: warehouse: views are made in PostgreSQL only so far; expected postgres://user:password@host:5432/database`,
      );
    }
    if (args.grants) {
      printStatements(grantStatements({ schema, reader: args.reader, loader: args.loader }));
      return EXIT.done;
    }
    const views = await createViews({
      connection: { url: warehouse },
      schema,
      currencies: currenciesOf(config),
    });
    if (args.print) printStatements(views);
    else process.stdout.write(`${views.length} views are up to date in schema ${schema}.\n`);
    return EXIT.done;
  });
}

function printStatements(statements: readonly string[]): void {
  for (const statement of statements) process.stdout.write(`${statement};\n`);
}
