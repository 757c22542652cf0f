import { randomUUID } from 'node:crypto';
import { accountKey } from '@traffic-events/client';
import { ConfigError, EXIT, readJsonFile } from '@traffic-events/program';
import {
  accountsOf,
  accountsOption,
  readGivenState,
  selectAccounts,
  shardOption,
  stateDocument,
} from '@traffic-events/program/extraction';
import type { AccountArguments } from '@traffic-events/program/extraction';
import type { PartitionChange } from '@traffic-events/slice';
import { parseSavedStates } from '@traffic-events/source';
import { Command, Option } from 'commander';
import { askFirst, yesOption } from '../ask-first.ts';
import type { YesArguments } from '../ask-first.ts';
import { openSink } from '../connections.ts';
import type { CommandContext } from '../connections.ts';
import { tablesByAccount, widthOf } from '../text-table.ts';
import { warehouseOf } from '../warehouse.ts';
import { configOption, logFormatOption } from './options.ts';
import { runCommand } from './run-command.ts';
import type { CommonArguments } from './run-command.ts';
import { writeText } from '../wrapped-text.ts';

interface StateArguments extends CommonArguments, AccountArguments, YesArguments {
  readonly stream?: string;
}

const EXAMPLES = `
Examples:
  $ traffic-events state show --accounts 'DE:*'
  $ traffic-events state export > state.json            # as tap-traffic-events --state reads it
  $ traffic-events state import state.json
  $ traffic-events state reset --accounts DE:dsp:1234 --stream dsp_clicks

A state says which dates are closed, and what is known of the others. Without one, the next sync asks
again for all that the API still has; a poorer copy never replaces a better one.`;

export function stateCommand(exit: (code: number) => void): Command {
  const show = common('show', 'a line per stream and account').action(
    async (args: StateArguments) =>
      exit(await runCommand(args, (context) => showStates(context, args))),
  );
  const exporting = common('export', 'print the state as JSON, as the tap reads it').action(
    async (args: StateArguments) =>
      exit(await runCommand(args, (context) => exportStates(context, args))),
  );
  const importing = common('import', 'put the state of a file in the place of what is held')
    .argument('<file>', 'JSON, as export prints it; - for standard input')
    .addOption(yesOption())
    .action(async (file: string, args: StateArguments) =>
      exit(await runCommand(args, (context) => importStates(context, args, file))),
    );
  const reset = common('reset', 'forget the state, and keep what is held')
    .addOption(yesOption())
    .action(async (args: StateArguments) =>
      exit(await runCommand(args, (context) => resetStates(context, args))),
    );
  const command = new Command('state').description('show, save, load or forget the state of sync');
  for (const each of [show, exporting, importing, reset]) {
    command.addCommand(each.addHelpText('after', EXAMPLES));
  }
  return command.addHelpText('after', EXAMPLES);
}

function common(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .addOption(configOption())
    .addOption(accountsOption())
    .addOption(shardOption())
    .addOption(new Option('--stream <stream>', 'only of this stream'))
    .addOption(logFormatOption());
}

/** Of the accounts and the stream that are asked for; what is held of others stays out of sight. */
async function savedStates(
  { config, clock }: CommandContext,
  args: StateArguments,
): Promise<PartitionChange[]> {
  const warehouse = await warehouseOf(config);
  const isWanted = selection(config, args);
  return parseSavedStates(await warehouse.readStatus(), clock.now())
    .filter(isWanted)
    .map(({ stream, accountId, state }) => ({ stream, accountId, state }));
}

function selection(config: CommandContext['config'], args: StateArguments) {
  const { stream, accounts, shard } = args;
  const isSelected = accounts !== undefined || shard !== undefined;
  const chosen = new Set(selectAccounts(accountsOf(config), args).map(accountKey));
  return (change: Pick<PartitionChange, 'stream' | 'accountId'>) =>
    (!isSelected || chosen.has(change.accountId)) &&
    (stream === undefined || change.stream === stream);
}

const COLUMNS = [
  { head: 'stream' },
  { head: 'since' },
  { head: 'until' },
  { head: 'open', isNumber: true },
  { head: 'in flight', isNumber: true },
];

const cellsOf = ({ stream, state }: PartitionChange) => [
  stream,
  state.since,
  state.bookmark ?? 'none yet',
  String(Object.keys(state.tail).length),
  String(state.in_flight.length),
];

async function showStates(context: CommandContext, args: StateArguments): Promise<number> {
  const states = await savedStates(context, args);
  const lines = tablesByAccount(COLUMNS, states, cellsOf, widthOf(process.stdout));
  process.stdout.write(`${lines.length === 0 ? 'No state is held.' : lines.join('\n')}\n`);
  return EXIT.done;
}

async function exportStates(context: CommandContext, args: StateArguments): Promise<number> {
  const states = await savedStates(context, args);
  process.stdout.write(`${JSON.stringify(stateDocument(states), null, 2)}\n`);
  return EXIT.done;
}

async function importStates(
  context: CommandContext,
  args: StateArguments,
  file: string,
): Promise<number> {
  const { clock, config, signal } = context;
  const path = file === '-' ? '/dev/stdin' : file;
  const given = readGivenState(await readJsonFile(path, 'state import'), clock.now());
  const changes = given.filter(selection(config, args));
  if (changes.length === 0) throw new ConfigError(`${file}: has no state of what is asked for.`);
  const accounts = [...new Set(changes.map(({ accountId }) => accountId))];
  writeText(
    `The state of ${changes.length} streams of ${accounts.length} accounts takes the place of what is held.`,
  );
  await askFirst(args, 'Go on?', signal);
  const sink = await openSink(context);
  try {
    const startedAt = new Date(clock.now()).toISOString();
    await sink.open(
      { id: `import-${randomUUID().slice(0, 8)}`, started_at: startedAt },
      [],
      accounts,
    );
    await sink.ledger([], changes);
  } finally {
    await sink.close();
  }
  process.stdout.write('Done.\n');
  return EXIT.done;
}

async function resetStates(context: CommandContext, args: StateArguments): Promise<number> {
  const states = await savedStates(context, args);
  if (states.length === 0) throw new ConfigError('Nothing is held of what is asked for.');
  const named = states.map(({ stream, accountId }) => `  ${stream} ${accountId}\n`);
  process.stdout.write(`The state is forgotten of\n${named.join('')}`);
  await askFirst(args, 'Go on?', context.signal);
  const warehouse = await warehouseOf(context.config);
  for (const { stream, accountId } of states) {
    await warehouse.changeAccount({ kind: 'forget', accountId, stream }, context);
  }
  process.stdout.write('Done. What is held stays.\n');
  return EXIT.done;
}
