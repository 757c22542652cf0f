import { ConfigError, EXIT } from '@traffic-events/program';
import type { AccountChange, TableRows, Warehouse } from '@traffic-events/warehouse';
import { Command } from 'commander';
import { askFirst, yesOption } from '../ask-first.ts';
import type { YesArguments } from '../ask-first.ts';
import type { CommandContext } from '../connections.ts';
import { warehouseOf } from '../warehouse.ts';
import { configOption, logFormatOption } from './options.ts';
import { runCommand } from './run-command.ts';
import type { CommonArguments } from './run-command.ts';

type AccountArguments = CommonArguments & YesArguments;

const REMOVE_EXAMPLES = `
Examples:
  $ traffic-events account remove DE:dsp:1234
  $ traffic-events account remove DE:dsp:1234 --yes

All that the warehouse holds of the account goes, in one transaction: it counts that first, and asks.
What is older than 30 days cannot be had again. Take the account out of the configuration as well, or
the next sync begins it anew.`;

const RENAME_EXAMPLES = `
Examples:
  $ traffic-events account rename DE:dsp:1234 DE:dsp:5678

For an advertiser that goes on under another id: its history goes on with it. Nothing may be held under
the new id, and its time zone must be the same, because dates of another zone are other days.`;

export function accountCommand(exit: (code: number) => void): Command {
  const remove = new Command('remove')
    .description('remove all that the warehouse holds of an account')
    .argument('<account>', 'its key, such as DE:dsp:1234')
    .addOption(configOption())
    .addOption(yesOption())
    .addOption(logFormatOption())
    .addHelpText('after', REMOVE_EXAMPLES)
    .action(async (accountId: string, args: AccountArguments) =>
      exit(await runChange(args, { kind: 'remove', accountId })),
    );
  const rename = new Command('rename')
    .description('give all that the warehouse holds of an account another key')
    .argument('<account>', 'its key, such as DE:dsp:1234')
    .argument('<new-key>', 'the key that it gets')
    .addOption(configOption())
    .addOption(yesOption())
    .addOption(logFormatOption())
    .addHelpText('after', RENAME_EXAMPLES)
    .action(async (accountId: string, to: string, args: AccountArguments) =>
      exit(await runChange(args, { kind: 'rename', accountId, to })),
    );
  return new Command('account')
    .description('remove or rename accounts that are held')
    .addCommand(remove)
    .addCommand(rename);
}

type Change = Exclude<AccountChange, { kind: 'forget' }>;

async function runChange(args: AccountArguments, change: Change): Promise<number> {
  return runCommand(args, async (context) => {
    const warehouse = await warehouseOf(context.config);
    const rows = await heldRows(warehouse, change.accountId);
    process.stdout.write(`${describe(change, rows)}\n`);
    await askFirst(args, 'Go on?', context.signal);
    await warehouse.changeAccount(change, context);
    process.stdout.write(`${done(change, context)}\n`);
    return EXIT.done;
  });
}

async function heldRows(warehouse: Warehouse, accountId: string): Promise<TableRows[]> {
  const rows = await warehouse.countRows(accountId);
  if (rows.length > 0) return rows;
  const held = [...new Set((await warehouse.readStatus()).map((status) => status.accountId))];
  throw new ConfigError(
    `${accountId}: nothing is held of such an account; held are ${held.join(', ') || 'none'}.`,
  );
}

function describe(change: Change, rows: readonly TableRows[]): string {
  const what = change.kind === 'remove' ? 'is removed' : `becomes ${change.to}`;
  const counts = rows.map(({ table, rows: count }) => `  ${table}: ${count} rows`);
  return [`What is held of ${change.accountId} ${what}:`, ...counts].join('\n');
}

function done(change: Change, { config }: CommandContext): string {
  const { accountId } = change;
  const what = change.kind === 'remove' ? 'removed' : `renamed to ${change.to}`;
  const archive =
    config.archive === undefined
      ? ''
      : ` What ${config.archive} keeps of it stays as it is, under its former key.`;
  return `${accountId} is ${what}.${archive}`;
}
