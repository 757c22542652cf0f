import { readFileSync } from 'node:fs';
import type { Account } from '@traffic-events/client';
import { ConfigError, EXIT, orderedRange, parseEventDate } from '@traffic-events/program';
import { windowOf } from '@traffic-events/slice';
import { Command } from 'commander';
import { accountNamed } from '../accounts.ts';
import { csvResult, jsonResult, tableResult } from '../query-result.ts';
import type { ResultFormat } from '../query-result.ts';
import { runQuery } from '../query.ts';
import type { AskedQuery } from '../query.ts';
import { widthOf } from '../text-table.ts';
import { configOption, logFormatOption } from './options.ts';
import { runCommand } from './run-command.ts';
import type { CommonArguments } from './run-command.ts';

interface QueryArguments extends CommonArguments {
  readonly account?: string;
  readonly from?: string;
  readonly to?: string;
  readonly file?: string;
  readonly execution?: string;
  readonly discriminator?: string;
  readonly json: boolean;
  readonly csv: boolean;
}

const EXAMPLES = `
Examples:
  $ traffic-events query --account DE:dsp:1234 --from 2026-01-31 \\
      'SELECT campaign, SUM(impressions) AS impressions FROM dsp_impressions GROUP BY campaign'
  $ traffic-events query --from 2026-01-01 --to 2026-01-07 --discriminator filtered --file report.sql > report.csv
  $ traffic-events query --from 2026-01-31 --json --file - < report.sql
  $ traffic-events query --account DE:dsp:1234 --execution 4b1f2c3d     # fetch again, after Ctrl-C say

The result is a table on a terminal, elsewhere one CSV, whatever parts it comes in, its cells as the API
delivers them. Nothing is loaded into the warehouse.`;

export function queryCommand(exit: (code: number) => void): Command {
  return new Command('query')
    .description('run SQL in the clean room of one account and print the result')
    .argument('[sql]', 'a query that aggregates')
    .addOption(configOption())
    .option('--account <key>', 'such as DE:dsp:1234; needed where there are several')
    .option('--from <date>', 'first event date', parseEventDate)
    .option('--to <date>', 'last event date; --from unless given', parseEventDate)
    .option('--file <path>', 'a file with the SQL; - for standard input')
    .option('--execution <id>', 'print the result of this execution, once it has ended')
    .option('--discriminator <column>', 'keep suppressed rows, flagged in this column')
    .option('--json', 'print an array of objects, values as texts', false)
    .option('--csv', 'print CSV on a terminal, too', false)
    .addOption(logFormatOption())
    .addHelpText('after', EXAMPLES)
    .action(async (sql: string | undefined, args: QueryArguments) =>
      exit(await runQueryCommand(sql, args)),
    );
}

/** SQL may begin with a comment, which looks like an option: a blank before it changes no query. */
export function withSqlApart(argv: readonly string[]): string[] {
  return argv.map((argument) => (/^--[^=\s]*\s/.test(argument) ? ` ${argument}` : argument));
}

async function runQueryCommand(sql: string | undefined, args: QueryArguments): Promise<number> {
  return runCommand(args, async (context) => {
    const account = accountNamed(context.config, args.account);
    const asked = args.execution === undefined ? askedOf(sql, args, account) : taken(sql, args);
    await runQuery(context, { account, asked }, process.stdout, formatOf(args));
    return EXIT.done;
  });
}

function formatOf({ json, csv }: QueryArguments): ResultFormat {
  if (json) return jsonResult;
  return process.stdout.isTTY && !csv ? tableResult(widthOf(process.stdout)) : csvResult;
}

function taken(sql: string | undefined, { file, execution = '' }: QueryArguments) {
  if (sql === undefined && file === undefined) return { executionId: execution };
  throw new ConfigError('--execution: it has its SQL already; give no other.');
}

function askedOf(sql: string | undefined, args: QueryArguments, { timeZone }: Account): AskedQuery {
  const { from: first, file, discriminator } = args;
  if (first === undefined)
    throw new ConfigError('--from: expected the first event date, got none.');
  if ((sql === undefined) === (file === undefined)) {
    throw new ConfigError('expected the SQL, or a file of it by --file; not both.');
  }
  const { from, to } = orderedRange({ from: first, to: args.to ?? first });
  const { startMs } = windowOf(from, timeZone);
  const { endMs } = windowOf(to, timeZone);
  return { sqlQuery: sql ?? readSql(file ?? ''), window: { startMs, endMs }, discriminator };
}

function readSql(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new ConfigError(`--file ${path}: cannot be read (${code ?? message}).`, { cause });
  }
}
