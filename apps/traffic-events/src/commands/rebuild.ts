import { randomUUID } from 'node:crypto';
import { LocalArchive, runRebuild } from '@traffic-events/source';
import type { RebuildSummary } from '@traffic-events/source';
import { ConfigError, EXIT, orderedRange, parseEventDate } from '@traffic-events/program';
import { accountsOf, streamsOf } from '@traffic-events/program/extraction';
import { Command } from 'commander';
import { openSink } from '../connections.ts';
import type { CommandContext } from '../connections.ts';
import { refuseNoArchive } from '../refuse-no-archive.ts';
import { heldAccounts } from '../sync.ts';
import { configOption, logFormatOption } from './options.ts';
import { printText, runCommand } from './run-command.ts';
import type { CommonArguments } from './run-command.ts';

interface RebuildArguments extends CommonArguments {
  readonly from?: string;
  readonly to?: string;
}

const EXAMPLES = `
Examples:
  $ traffic-events rebuild
  $ traffic-events rebuild --from 2026-01-01 --to 2026-01-31

It needs \`archive\` in the configuration. A poorer copy never replaces a better one. What is damaged
or missing in the archive is named and left out; the exit code is 5 then.`;

export function rebuildCommand(exit: (code: number) => void): Command {
  return new Command('rebuild')
    .description('load slices again from the archive, without the API')
    .addOption(configOption())
    .option('--from <date>', 'first event date; all unless given', parseEventDate)
    .option('--to <date>', 'last event date; all unless given', parseEventDate)
    .addOption(logFormatOption())
    .addHelpText('after', EXAMPLES)
    .action(async (args: RebuildArguments) => exit(await runRebuildCommand(args)));
}

async function runRebuildCommand(args: RebuildArguments): Promise<number> {
  return runCommand(args, async (context) => {
    const summary = await rebuild(context, args);
    printText(args, describe(summary));
    return summary.skipped.length === 0 ? EXIT.done : EXIT.slicesFailed;
  });
}

const FIRST_DATE = '0001-01-01';
const LAST_DATE = '9999-12-31';

async function rebuild(
  context: CommandContext,
  { config: path, from, to }: RebuildArguments,
): Promise<RebuildSummary> {
  const { config, clock, events, signal } = context;
  const range = orderedRange({ from: from ?? FIRST_DATE, to: to ?? LAST_DATE });
  const { archive } = config;
  if (archive === undefined) {
    throw new ConfigError(
      `${path}: archive: expected the folder that holds the raw results, got none`,
    );
  }
  refuseNoArchive(archive);
  const sink = await openSink(context);
  try {
    return await runRebuild({
      archive: new LocalArchive({ folder: archive }),
      ...(await heldAccounts(sink, accountsOf(config), clock.now())),
      streams: streamsOf(config),
      range,
      sink,
      runId: randomUUID().slice(0, 8),
      startedAt: new Date(clock.now()).toISOString(),
      logger: events,
      signal,
    });
  } finally {
    await sink.close();
  }
}

function describe({ reloaded, kept, otherDefinition, skipped }: RebuildSummary): string {
  const loaded = `${reloaded} results loaded again, of which ${kept} were no better than the copy held; ${otherDefinition} belong to another definition and were left alone.`;
  if (skipped.length === 0) return loaded;
  const left = skipped.map((reason) => `  ${reason}`).join('\n');
  return `${loaded}\n${skipped.length} could not be loaded, and are as they were in the warehouse:\n${left}`;
}
