import { ConfigError, EXIT } from '@traffic-events/program';
import { archivedKeys, LocalArchive, renameArchived } from '@traffic-events/source';
import type { Archive } from '@traffic-events/source';
import { checkRename } from '@traffic-events/warehouse';
import type { AccountChange, TableRows, Warehouse } from '@traffic-events/warehouse';
import { Command } from 'commander';
import { askFirst, yesOption } from '../ask-first.ts';
import type { YesArguments } from '../ask-first.ts';
import type { CommandContext } from '../connections.ts';
import { warehouseOf } from '../warehouse.ts';
import { configOption, logFormatOption } from './options.ts';
import { runCommand } from './run-command.ts';
import type { CommonArguments } from './run-command.ts';
import { writeText } from '../wrapped-text.ts';

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
the new id, and its time zone must be the same, because dates of another zone are other days. What the
archive keeps of it goes along. Put the new id into the configuration as well.`;

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
    if (change.kind === 'rename') checkRename(change);
    const { archive: folder } = context.config;
    const archive = folder === undefined ? undefined : new LocalArchive({ folder });
    const warehouse = await warehouseOf(context.config);
    const rows = await heldRows(warehouse, change, archive);
    const becomes = change.kind === 'remove' ? 'is removed' : `becomes ${change.to}`;
    writeText(describe(change, becomes, rows));
    await askFirst(args, 'Go on?', context.signal);
    if (rows.length > 0) await warehouse.changeAccount(change, context);
    writeText(`${change.accountId} ${becomes}: done.`);
    return archive === undefined ? EXIT.done : changeArchived(archive, change, context);
  });
}

/** The archive goes along with a new name; of what is removed it is the last copy, and stays. */
async function changeArchived(
  archive: Archive,
  change: Change,
  { config }: CommandContext,
): Promise<number> {
  if (change.kind === 'remove') {
    writeText(
      `What ${config.archive} keeps of it stays as it is: delete its folders there if it is to go too.`,
    );
    return EXIT.done;
  }
  const { results, faults } = await renameArchived(archive, change.accountId, change.to);
  const left = faults.map((fault) => `\n  ${fault}`).join('');
  writeText(
    left === ''
      ? `${results} results in the archive go by the new key.`
      : `${results} results in the archive go by the new key; these could not be read, and stay:${left}`,
  );
  return faults.length === 0 ? EXIT.done : EXIT.slicesFailed;
}

/** None where the archive alone is left to be renamed, because it was stopped in the middle. */
async function heldRows(
  warehouse: Warehouse,
  { kind, accountId }: Change,
  archive: Archive | undefined,
): Promise<TableRows[]> {
  const rows = await warehouse.countRows(accountId);
  if (rows.length > 0) return rows;
  const archived = archivedKeys(accountId, (await archive?.accountIds()) ?? []);
  if (kind === 'rename' && archived.length > 0) return [];
  const held = [...new Set((await warehouse.readStatus()).map((status) => status.accountId))];
  throw new ConfigError(
    `${accountId}: nothing is held of such an account; held are ${held.join(', ') || 'none'}.`,
  );
}

function describe({ accountId }: Change, becomes: string, rows: readonly TableRows[]): string {
  if (rows.length === 0) return `What the archive keeps of ${accountId} ${becomes}.`;
  const counts = rows.map(({ table, rows: count }) => `  ${table}: ${count} rows`);
  return [`What is held of ${accountId} ${becomes}:`, ...counts].join('\n');
}
